//! Forged tokens, which are refused.
//!
//! The tests have the private half of every key, so that a token is good except
//! for the one thing that a test changes.

mod bearer;
mod claims;
mod fixture;
mod form;
mod header;
mod keys;
mod signature;
mod strange;

use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};

use fixture::{ALGORITHMS, fixture};
use testing::tokens::{SigningKey, Token, now, seal, store_our_key};
use testing::{Service, eventually};

#[tokio::test]
async fn a_token_of_every_algorithm_is_accepted() {
    let fixture = fixture().await;
    let good = fixture.good();
    assert_eq!(good.len(), 2 + ALGORITHMS.len());
    for (name, token) in good {
        fixture.assert_accepted(name, &token).await;
    }
}

#[tokio::test]
async fn what_an_issuer_may_say_otherwise_is_accepted() {
    let fixture = fixture().await;
    for (issuer, key) in fixture.issuers() {
        let with_claim = |name, value: Value| fixture.token(issuer).claim(name, value);
        let with_type = |value: &str| fixture.token(issuer).header("typ", value);
        for (what, token) in [
            ("a list", with_claim("aud", json!([issuer]))),
            (
                "not us alone",
                with_claim("aud", json!(["https://b.example", issuer])),
            ),
            ("a person", with_claim("email", json!("ann@example.com"))),
            ("a fraction", with_claim("exp", json!(now() as f64 + 60.5))),
            ("a clock behind ours", with_claim("exp", json!(now() - 1))),
            ("a clock ahead of ours", with_claim("nbf", json!(now() + 3))),
            ("7 kB", with_claim("x", json!("x".repeat(5000)))),
            ("JWT", with_type("JWT")),
            ("jwt", with_type("jwt")),
            ("RFC 9068", with_type("at+jwt")),
            ("RFC 9068 in full", with_type("application/at+jwt")),
        ] {
            fixture.assert_accepted(what, &token.sign(key)).await;
        }
    }
}

#[tokio::test]
async fn a_refused_token_leaves_nothing_of_itself_in_the_log() {
    let fixture = fixture().await;
    let (kid, user) = ("a-key-id-to-look-for", "a-user-to-look-for");
    let token = Token::new(&fixture.our_issuer, user);
    let of_nobody = token.sign(&fixture.ours);
    let by_nobody = token.header("kid", kid).sign(&fixture.ours);
    let mut answers = Vec::new();
    for token in [&of_nobody, &by_nobody] {
        let answer = fixture.send(token).await;
        answer.expect_problem(401, "unauthorized");
        answers.push(answer);
    }

    let log = eventually(async || {
        let log = fixture.user.service.log().join("\n");
        let ids = answers.iter().map(|answer| answer.header("x-request-id"));
        ids.flatten().all(|id| log.contains(id)).then_some(log)
    })
    .await;
    for secret in [kid, user, &of_nobody, &by_nobody, "Bearer"] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

/// Tokens that are good except for one thing, and what is said about each.
fn refused(issuer: &str, user: &str, key: &SigningKey) -> Vec<(String, String)> {
    let token = || Token::new(issuer, user);
    let other = json!("https://other.example");
    let tokens = [
        (
            token().claim("iss", other.clone()),
            format!(r#"issuer is "https://other.example"; "{issuer}" was expected"#),
        ),
        (
            token().claim("aud", other),
            format!(r#"audience is "https://other.example"; "{issuer}" was expected"#),
        ),
        (
            token().claim("exp", json!(1_000_000)),
            "has expired: exp is 1000000".into(),
        ),
        (
            token().header("kid", "strange"),
            "names a key (kid) that no issuer has".into(),
        ),
    ];
    let signed = tokens.map(|(token, said)| (token.sign(key), said));
    let (message, _) = signed[0].0.rsplit_once('.').expect("it has a signature");
    let forged = seal(message, &[0; 64]);
    let mut all = vec![(
        forged,
        "signature or algorithm is not that of the key".into(),
    )];
    all.extend(signed);
    all
}

#[tokio::test]
async fn the_log_says_why_a_token_was_refused_and_the_answer_does_not() {
    let fixture = fixture().await;
    for (token, said) in refused(&fixture.our_issuer, &fixture.user.id, &fixture.ours) {
        let answer = fixture.send(&token).await;
        let problem = answer.expect_problem(401, "unauthorized");
        assert_eq!(
            problem["detail"],
            "The token is not valid (any more). Sign in again."
        );

        let id = answer.header("x-request-id").expect("there is an id");
        let line = eventually(async || {
            let lines = fixture.user.service.log().into_iter();
            let lines = lines.filter_map(|line| serde_json::from_str::<Value>(&line).ok());
            lines
                .filter(|line| line["request_id"] == id)
                .find(|line| line["cause"].is_string())
        })
        .await;
        let cause = line["cause"].as_str().expect("it is text");
        assert!(cause.contains(&said), "{cause}");
        assert!(!line.to_string().contains(&token));
    }
}

#[tokio::test]
async fn on_a_developers_machine_the_answer_says_why_a_token_was_refused() {
    let options = StackOptions::default();
    let mut service = Service::start(&options);
    service.set("EXPLAIN_REFUSALS", "on");
    let key = SigningKey::ed25519("ours");
    let owner = service.connect_as_owner().await;
    store_our_key(&owner, &key.kid, &key.jwk_of_set().to_string()).await;
    let user = Arc::new(service).new_user().await;
    for (token, said) in refused(&options.token_issuer, &user.id, &key) {
        let answer = user.service.get("/api/v1/me").token(&token).send().await;
        let problem = answer.expect_problem(401, "unauthorized");
        let detail = problem["detail"].as_str().expect("it is text");
        assert!(detail.contains(&said), "{detail}");
    }
}
