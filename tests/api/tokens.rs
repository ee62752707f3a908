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

use serde_json::{Value, json};

use fixture::{ALGORITHMS, fixture};
use testing::eventually;
use testing::tokens::{Token, now};

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
