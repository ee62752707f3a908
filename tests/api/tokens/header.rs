//! The header of a token: the token's form, and its key.

use std::net::TcpListener;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::fixture::{Tokens, claims, decode, fixture, written};
use testing::tokens::{SigningKey, seal};

#[tokio::test]
async fn a_header_that_changes_what_a_signature_means_is_refused() {
    let fixture = fixture().await;
    let mut tokens = Tokens::default();
    tokens.add_headers(fixture, "crit", |_| {
        vec![
            json!(["b64"]),
            json!(["exp"]),
            json!(["https://example.com/unknown"]),
            json!([]),
            json!("exp"),
            json!({}),
        ]
    });
    tokens.add_headers(fixture, "enc", |_| vec![json!("A256GCM"), json!("")]);
    tokens.add_headers(fixture, "zip", |_| vec![json!("DEF"), json!("none")]);
    for (issuer, key) in fixture.issuers() {
        // RFC 7797: the payload is signed without encoding.
        let token = fixture.token(issuer).header("b64", false);
        for token in [token.clone(), token.header("crit", json!(["b64"]))] {
            let encoded = token.message(key);
            let (header, payload) = encoded.split_once('.').expect("it has two parts");
            let payload = String::from_utf8(decode(payload)).expect("it is JSON");
            let plain = format!("{header}.{payload}");
            let signature = key.sign(&plain);
            tokens.add("plain", seal(&plain, &signature));
            tokens.add("signed plain", seal(&encoded, &signature));
        }
    }
    fixture.assert_refused(tokens).await;
}

/// RFC 7797 section 7 forbids it in JWTs.
#[tokio::test]
async fn a_token_that_says_it_is_not_encoded_is_refused() {
    let fixture = fixture().await;
    let mut tokens = Tokens::default();
    tokens.add_headers(fixture, "b64", |_| vec![json!(false)]);
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_token_of_another_type_is_refused() {
    let fixture = fixture().await;
    let mut tokens = Tokens::default();
    tokens.add_headers(fixture, "typ", |_| {
        vec![
            json!("JWE"),
            json!("JOSE"),
            json!("dpop+jwt"),
            json!("logout+jwt"),
            json!("secevent+jwt"),
            json!("application/secevent+jwt"),
            json!("id_token+jwt"),
            json!("refresh+jwt"),
            json!("jwt+at"),
            json!("text/jwt"),
            json!(""),
            json!(" JWT"),
            json!(5),
            json!(["JWT"]),
        ]
    });
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_never_used_nor_fetched() {
    let fixture = fixture().await;
    let attacker = SigningKey::ed25519("attackers");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.set_nonblocking(true).expect("it can");
    let address = listener.local_addr().expect("it has an address");
    let url = format!("http://{address}/jwks");
    let certificate = BASE64_STANDARD.encode(attacker.subject_public_key_info());
    let mut tokens = Tokens::default();
    for (issuer, key) in fixture.issuers() {
        let mut of_that_id = attacker.jwk_of_set();
        of_that_id["kid"] = json!(key.kid);
        for (name, value) in [
            ("jwk", attacker.jwk()),
            ("jwk", attacker.jwk_of_set()),
            ("jwk", of_that_id),
            ("jwk", json!({"kty": "oct", "k": "AAAA"})),
            ("jwk", json!("no key")),
            ("jku", json!(url)),
            ("jku", json!(format!("{issuer}@{address}/jwks"))),
            ("x5u", json!(url)),
            ("x5c", json!([certificate])),
            ("x5c", json!(certificate)),
            ("x5t", json!("AAAA")),
            ("x5t#S256", json!("AAAA")),
            ("url", json!(url)),
        ] {
            for kid in [&key.kid, &attacker.kid, &url] {
                for algorithm in [key.algorithm, attacker.algorithm] {
                    let what = format!("{name}: {value} under {kid} for {algorithm}");
                    let token = fixture.token(issuer).header(name, value.clone());
                    let token = token.header("kid", kid.as_str());
                    tokens.add(what, token.header("alg", algorithm).sign(&attacker));
                }
            }
        }
    }
    fixture.assert_refused(tokens).await;
    let visitor = listener.accept();
    assert!(visitor.is_err(), "{visitor:?} came for the attacker's key");
}

#[tokio::test]
async fn a_key_id_that_nobody_has_is_refused() {
    let fixture = fixture().await;
    let mut tokens = Tokens::default();
    for (issuer, key) in fixture.issuers() {
        let header = format!(r#"{{"alg":"{}"}}"#, key.algorithm);
        let claims = claims(issuer, &fixture.user.id);
        tokens.add("none", written(key, &header, &claims));
        let of_another = fixture.token(issuer).header("kid", "theirs-EdDSA");
        tokens.add("another key's", of_another.sign(key));
    }
    tokens.add_headers(fixture, "kid", |key| {
        let kid = key.kid.as_str();
        vec![
            json!("unknown"),
            json!(""),
            json!("%"),
            json!("' or 1=1 --"),
            json!(format!("{kid}' --")),
            json!("' union select kid, public_jwk, null from auth_signing_key --"),
            json!("../../../../../../dev/null"),
            json!("/proc/self/environ"),
            json!("http://127.0.0.1/jwks"),
            json!("$(id)"),
            json!("${jndi:ldap://127.0.0.1/a}"),
            json!("\u{202e}"),
            json!(format!("{kid}\0")),
            json!(format!("{kid}\n")),
            json!(format!("{kid} ")),
            json!(format!(" {kid}")),
            json!(kid.to_uppercase()),
            json!(kid[1..]),
            json!("x".repeat(128)),
            json!("x".repeat(129)),
            json!("x".repeat(200)),
            json!([kid]),
            json!({"kid": kid}),
            json!(null),
            json!(0),
            json!(true),
        ]
    });
    fixture.assert_refused(tokens).await;
}
