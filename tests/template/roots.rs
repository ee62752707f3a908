//! The roots that the functions trust.

use native_tls::Certificate;
use ring::digest::{SHA256, digest};

const ROOTS: &str = include_str!("../../layers/roots/roots.pem");

/// Each certificate stands below two lines: its name, and the SHA-256 that
/// <https://ccadb.org> and `openssl x509 -fingerprint` give for it.
#[test]
fn the_roots_are_few_and_each_is_what_it_is_called() {
    const END: &str = "-----END CERTIFICATE-----\n";
    let certificates: Vec<&str> = ROOTS.split_inclusive(END).collect();
    assert!((1..=15).contains(&certificates.len()), "at most 15 roots");
    for text in certificates {
        let (comment, _) = text
            .split_once("-----BEGIN")
            .expect("there is a certificate");
        let [name, fingerprint] = comment.lines().collect::<Vec<_>>()[..] else {
            panic!("two lines go before each certificate: {comment}");
        };
        assert!(name.len() > 2 && name.starts_with("# "), "{name}");
        let der = Certificate::from_pem(text.as_bytes())
            .and_then(|certificate| certificate.to_der())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let bytes = digest(&SHA256, &der);
        let bytes: Vec<String> = bytes
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        assert_eq!(
            fingerprint,
            format!("# SHA-256 {}", bytes.join(":")),
            "{name}"
        );
    }
}
