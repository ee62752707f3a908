//! Keys in the sets of both issuers that must never verify anything.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::fixture::SHARED_SECRET;
use testing::tokens::SigningKey;

/// Keys that can sign, each with its JWK and its stored algorithm.
pub fn strange_keys(rsa: &SigningKey) -> Vec<(SigningKey, Value, &'static str)> {
    let of_another_kind = [
        SigningKey::ec("P-521", "ES512"),
        SigningKey::ec("secp256k1", "ES256K"),
        SigningKey::ed25519(&"k".repeat(129)),
        SigningKey::ed25519(&"k".repeat(200)),
        rsa.renamed("RS384", "RS384"),
        rsa.renamed("RS512", "RS512"),
        rsa.renamed("PS384", "PS384"),
        rsa.renamed("PS512", "PS512"),
    ];
    let mut keys: Vec<_> = of_another_kind
        .map(|key| (key.clone(), key.jwk_of_set(), key.algorithm))
        .into();
    for of_another_use in ["enc", "other", ""] {
        let key = SigningKey::ed25519(&format!("use-{of_another_use}"));
        let mut jwk = key.jwk_of_set();
        jwk["use"] = json!(of_another_use);
        keys.push((key, jwk, "EdDSA"));
    }
    for misnamed in ["ES256", "HS256", "Ed25519", ""] {
        let key = SigningKey::ed25519(&format!("named-{misnamed}"));
        let mut jwk = key.jwk_of_set();
        jwk["alg"] = json!(misnamed);
        keys.push((key, jwk, misnamed));
    }
    keys
}

/// Rows without a private key: `(kid, jwk, algorithm)`.
pub fn strange_rows() -> impl Iterator<Item = (String, String, Option<&'static str>)> {
    let x = BASE64_URL_SAFE_NO_PAD.encode([7; 32]);
    let k = BASE64_URL_SAFE_NO_PAD.encode(SHARED_SECRET);
    let rows = [
        (
            "oct",
            json!({"kty": "oct", "k": k, "alg": "HS256"}),
            Some("HS256"),
        ),
        ("oct-EdDSA", json!({"kty": "oct", "k": k}), Some("EdDSA")),
        ("oct-null", json!({"kty": "oct", "k": k}), None),
        (
            "X25519",
            json!({"kty": "OKP", "crv": "X25519", "x": x}),
            None,
        ),
        ("Ed448", json!({"kty": "OKP", "crv": "Ed448", "x": x}), None),
        (
            "short",
            json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}),
            None,
        ),
        (
            "no-base64",
            json!({"kty": "OKP", "crv": "Ed25519", "x": "?"}),
            None,
        ),
        (
            "no-point",
            json!({"kty": "EC", "crv": "P-256", "x": x, "y": x}),
            None,
        ),
        ("no-kty", json!({"crv": "Ed25519", "x": x}), None),
        ("null", json!(null), None),
        ("list", json!([]), None),
    ];
    let broken = [("broken", r#"{"kty": "OKP", "crv""#), ("empty", "")];
    let broken = broken.map(|(kid, text)| (kid.to_owned(), text.to_owned(), Some("EdDSA")));
    rows.map(|(kid, jwk, algorithm)| (kid.to_owned(), jwk.to_string(), algorithm))
        .into_iter()
        .chain(broken)
}
