//! The key of a token: a public key of a known kind, with its one algorithm.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::hmac;
use serde_json::{Value, json};

use super::fixture::{
    ALGORITHMS, SHARED_SECRET, THEIR_ISSUER, Tokens, claims, decode, fixture, written,
};
use super::strange::strange_rows;
use testing::tokens::{SigningKey, message, seal};

#[tokio::test]
async fn a_token_without_a_signature_is_refused() {
    let fixture = fixture().await;
    let mut tokens = Tokens::default();
    for (issuer, key) in fixture.issuers() {
        for none in [
            json!("none"),
            json!("None"),
            json!("NONE"),
            json!("nOnE"),
            json!("none "),
            json!(""),
            json!(null),
            json!(0),
            json!(["none", key.algorithm]),
        ] {
            let message = fixture
                .token(issuer)
                .header("alg", none.clone())
                .message(key);
            tokens.add(format!("{none}"), format!("{message}."));
            tokens.add(format!("{none}, two parts"), message.clone());
            tokens.add(format!("{none}, some bytes"), seal(&message, b"signature"));
            tokens.add(
                format!("{none}, signed"),
                seal(&message, &key.sign(&message)),
            );
        }
        let header = format!(r#"{{"kid":"{}"}}"#, key.kid);
        let claims = claims(issuer, &fixture.user.id);
        tokens.add("no algorithm", format!("{}.", message(&header, &claims)));
        tokens.add("no algorithm, signed", written(key, &header, &claims));
    }
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_public_key_is_no_shared_secret() {
    let fixture = fixture().await;
    let ours = (fixture.our_issuer.as_str(), &fixture.ours);
    let theirs = fixture.theirs.values().map(|key| (THEIR_ISSUER, key));
    let mut tokens = Tokens::default();
    for (issuer, key) in theirs.chain([ours]) {
        for (encoding, secret) in encodings(key) {
            for (algorithm, hash) in [
                ("HS256", hmac::HMAC_SHA256),
                ("HS384", hmac::HMAC_SHA384),
                ("HS512", hmac::HMAC_SHA512),
            ] {
                let token = fixture.token(issuer).header("alg", algorithm);
                let message = token.message(key);
                let code = hmac::sign(&hmac::Key::new(hash, &secret), message.as_bytes());
                let what = format!("{algorithm} with {} as {encoding}", key.kid);
                tokens.add(what, seal(&message, code.as_ref()));
            }
        }
    }
    fixture.assert_refused(tokens).await;
}

/// A public key in all forms that a library might take for a secret.
fn encodings(key: &SigningKey) -> Vec<(&'static str, Vec<u8>)> {
    let (bytes, info, jwk) = (key.public_bytes(), key.subject_public_key_info(), key.jwk());
    let number = jwk.get("x").or(jwk.get("n")).and_then(Value::as_str);
    let number = number.expect("every kind has one").as_bytes();
    let info_pem = pem("PUBLIC KEY", &info);
    let own_pem = pem("RSA PUBLIC KEY", &bytes);
    vec![
        ("nothing", Vec::new()),
        ("its id", key.kid.clone().into()),
        ("bytes", bytes.clone()),
        ("base64", BASE64_STANDARD.encode(&bytes).into()),
        ("base64url", BASE64_URL_SAFE_NO_PAD.encode(&bytes).into()),
        ("its number", number.to_vec()),
        (
            "its number in bytes",
            decode(&String::from_utf8_lossy(number)),
        ),
        ("JWK", jwk.to_string().into()),
        ("JWK of the set", key.jwk_of_set().to_string().into()),
        ("SPKI in base64", BASE64_STANDARD.encode(&info).into()),
        ("SPKI", info),
        ("SPKI in PEM", info_pem.clone().into()),
        (
            "SPKI in PEM without its last newline",
            info_pem.trim_end().into(),
        ),
        ("PKCS #1 in PEM", own_pem.clone().into()),
        (
            "PKCS #1 in PEM without its last newline",
            own_pem.trim_end().into(),
        ),
    ]
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    let lines = lines.join("\n");
    format!("-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n")
}

#[tokio::test]
async fn a_shared_secret_in_the_set_verifies_nothing() {
    let fixture = fixture().await;
    let secret = hmac::Key::new(hmac::HMAC_SHA256, SHARED_SECRET);
    let mut tokens = Tokens::default();
    for (issuer, key) in fixture.issuers() {
        for kid in ["oct", "oct-EdDSA", "oct-null"] {
            let token = fixture.token(issuer).header("alg", "HS256");
            let message = token.header("kid", kid).message(key);
            let code = hmac::sign(&secret, message.as_bytes());
            tokens.add(kid, seal(&message, code.as_ref()));
        }
    }
    fixture.assert_refused(tokens).await;
}

/// All other tests show that these keys do not disable the good keys of the same
/// sets.
#[tokio::test]
async fn a_strange_key_in_the_set_verifies_nothing() {
    let fixture = fixture().await;
    let mut tokens = Tokens::default();
    for (issuer, good) in fixture.issuers() {
        for key in &fixture.strange {
            tokens.add(&key.kid, fixture.token(issuer).sign(key));
            for algorithm in ALGORITHMS {
                let what = format!("{} as {algorithm}", key.kid);
                let token = fixture.token(issuer).header("alg", algorithm);
                tokens.add(what, token.sign(key));
            }
            for algorithm in key.algorithms() {
                let what = format!("{} by {algorithm}", key.kid);
                let other = key.renamed(&key.kid, algorithm);
                tokens.add(what, fixture.token(issuer).sign(&other));
            }
        }
        for (kid, _, _) in strange_rows() {
            let token = fixture.token(issuer).header("kid", kid.as_str());
            tokens.add(kid, token.sign(good));
        }
    }
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn the_algorithm_is_the_keys_and_not_the_tokens() {
    let fixture = fixture().await;
    let ours = (fixture.our_issuer.as_str(), &fixture.ours);
    let theirs = fixture.theirs.values().map(|key| (THEIR_ISSUER, key));
    let mut tokens = Tokens::default();
    for (issuer, key) in theirs.chain([ours]) {
        let others = [
            "EdDSA", "Ed25519", "eddsa", "ES256", "ES384", "ES512", "ES256K", "RS1", "rs256",
            "HS256", "RSA-OAEP", "dir",
        ];
        for algorithm in others.into_iter().chain(ALGORITHMS) {
            if algorithm != key.algorithm {
                let what = format!("{algorithm} on {}", key.kid);
                let token = fixture.token(issuer).header("alg", algorithm);
                tokens.add(what, token.sign(key));
            }
        }
    }
    for key in fixture.theirs.values() {
        for algorithm in key.algorithms() {
            if *algorithm != key.algorithm {
                let what = format!("{algorithm} by {}", key.kid);
                let other = key.renamed(&key.kid, algorithm);
                tokens.add(what, fixture.token(THEIR_ISSUER).sign(&other));
            }
        }
    }
    fixture.assert_refused(tokens).await;
}
