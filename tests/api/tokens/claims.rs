//! The claims of a token: subject, issuer, audience and times.

use serde_json::{Value, json};

use super::fixture::{THEIR_ISSUER, Tokens, claims, fixture, header, unusable_ids, written};
use testing::tokens::now;

#[tokio::test]
async fn an_issuer_that_is_not_the_keys_is_refused() {
    let fixture = fixture().await;
    let mut tokens = Tokens::default();
    for (issuer, key) in fixture.issuers() {
        tokens.add("none", fixture.token(issuer).without_claim("iss").sign(key));
    }
    tokens.add_claims(fixture, "iss", |issuer| {
        vec![
            json!("https://evil.example"),
            json!(format!("{issuer}/")),
            json!(format!("{issuer}.evil.example")),
            json!(format!("{issuer}\0")),
            json!(format!(" {issuer}")),
            json!(issuer.to_uppercase()),
            json!(format!("x{issuer}")),
            json!(""),
            json!([issuer]),
            json!([issuer, "https://evil.example"]),
            json!({"iss": issuer}),
            json!(null),
            json!(5),
            json!(true),
        ]
    });
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn an_audience_without_us_is_refused() {
    let fixture = fixture().await;
    let mut tokens = Tokens::default();
    for (issuer, key) in fixture.issuers() {
        tokens.add("none", fixture.token(issuer).without_claim("aud").sign(key));
    }
    tokens.add_claims(fixture, "aud", |issuer| {
        vec![
            json!("https://evil.example"),
            json!(format!("{issuer}/")),
            json!(format!("{issuer} https://evil.example")),
            json!(""),
            json!([]),
            json!(["https://evil.example"]),
            json!([[issuer]]),
            json!([issuer, 5]),
            json!({"0": issuer}),
            json!(null),
            json!(5),
            json!(true),
        ]
    });
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn an_issuers_key_does_not_speak_for_the_other() {
    let fixture = fixture().await;
    let ours = fixture.our_issuer.as_str();
    let keys = fixture.theirs.values().map(|key| (key, THEIR_ISSUER, ours));
    let mut tokens = Tokens::default();
    for (key, own, other) in keys.chain([(&fixture.ours, ours, THEIR_ISSUER)]) {
        let both = json!([own, other]);
        for (iss, aud) in [
            (other, json!(other)),
            (other, json!(own)),
            (other, both.clone()),
            (own, json!(other)),
        ] {
            let what = format!("{} for {iss} and {aud}", key.kid);
            tokens.add(what, fixture.token(iss).claim("aud", aud).sign(key));
        }
        let what = format!("{} for both", key.kid);
        tokens.add(what, fixture.token(own).claim("iss", both).sign(key));
    }
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_subject_that_is_no_user_is_refused() {
    let fixture = fixture().await;
    let user = fixture.user.id.as_str();
    let mut tokens = Tokens::default();
    for (issuer, key) in fixture.issuers() {
        tokens.add("none", fixture.token(issuer).without_claim("sub").sign(key));
    }
    tokens.add_claims(fixture, "sub", |_| {
        vec![
            json!(" "),
            json!("nobody"),
            json!("' or '1'='1"),
            json!("%"),
            json!("\0"),
            json!(format!("{user}\0")),
            json!(format!("{user}\n")),
            json!(format!("{user} ")),
            json!(user.to_uppercase()),
            json!("x".repeat(255)),
            json!("\u{1f980}".repeat(255)),
            json!([user]),
            json!({"id": user}),
            json!(null),
            json!(5),
            json!(true),
        ]
    });
    tokens.add_claims(fixture, "sub", |_| unusable_ids().map(Value::from).into());
    fixture.assert_refused(tokens).await;
}

#[tokio::test]
async fn a_token_out_of_its_time_is_refused() {
    let fixture = fixture().await;
    let until = now() + 600;
    let mut tokens = Tokens::default();
    for (issuer, key) in fixture.issuers() {
        tokens.add(
            "no end",
            fixture.token(issuer).without_claim("exp").sign(key),
        );
        let endless = claims(issuer, &fixture.user.id).replace("exp\":", "exp\":1e999,\"end\":");
        tokens.add("1e999", written(key, &header(key), &endless));
    }
    tokens.add_claims(fixture, "exp", |_| {
        vec![
            json!(now() - 6),
            json!(now() - 3600),
            json!(0),
            json!(-1),
            json!(-1e30),
            json!(1e30),
            json!(until.to_string()),
            json!("tomorrow"),
            json!(""),
            json!([until]),
            json!({"exp": until}),
            json!(null),
            json!(true),
        ]
    });
    tokens.add_claims(fixture, "nbf", |_| {
        vec![
            json!(now() + 30),
            json!(until),
            json!(until as f64 + 0.5),
            json!(u64::MAX),
            json!("0"),
            json!("yesterday"),
            json!([0]),
            json!(-1),
            json!(true),
        ]
    });
    fixture.assert_refused(tokens).await;
}
