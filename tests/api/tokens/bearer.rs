//! The place of a token in a request (RFC 6750).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::fixture::{fixture, seen};

#[tokio::test]
async fn the_case_of_the_scheme_does_not_matter() {
    let fixture = fixture().await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "bearer "] {
        let value = format!("{scheme} {}", fixture.user.token);
        let call = fixture.user.service.get("/api/v1/me");
        let answer = call.header("authorization", &value).send().await;

        assert_eq!(answer.status(), 200, "{scheme:?}: {answer:?}");
        assert_eq!(answer.json()["id"], fixture.user.id);
    }
}

#[tokio::test]
async fn a_token_anywhere_but_behind_bearer_is_no_token() {
    let fixture = fixture().await;
    let token = &fixture.user.token;
    let get = |query: &str| fixture.user.service.get(&format!("/api/v1/me{query}"));
    let with = |name: &str, value: String| get("").header(name, &value);
    let without = get("").send().await;
    without.expect_problem(401, "unauthorized");
    assert_eq!(without.header("www-authenticate"), Some("Bearer"));
    let basic = BASE64_STANDARD.encode(format!("{}:{token}", fixture.user.id));
    let form = format!("access_token={token}");

    for (what, call) in [
        ("query", get(&format!("?access_token={token}"))),
        ("query", get(&format!("?authorization=Bearer%20{token}"))),
        ("cookie", with("cookie", format!("access_token={token}"))),
        (
            "cookie",
            with("cookie", format!("authorization=Bearer {token}")),
        ),
        (
            "cookie",
            with("cookie", format!("better-auth.session_token={token}")),
        ),
        ("header", with("x-authorization", format!("Bearer {token}"))),
        (
            "header",
            with("proxy-authorization", format!("Bearer {token}")),
        ),
        ("header", with("x-access-token", token.clone())),
        (
            "body",
            get("").raw("application/x-www-form-urlencoded", form.as_bytes()),
        ),
        ("Basic", with("authorization", format!("Basic {basic}"))),
        ("Basic", with("authorization", format!("Basic {token}"))),
        ("Token", with("authorization", format!("Token {token}"))),
        ("JWT", with("authorization", format!("JWT {token}"))),
        ("DPoP", with("authorization", format!("DPoP {token}"))),
        ("no scheme", with("authorization", token.clone())),
        ("no space", with("authorization", format!("Bearer{token}"))),
        ("a colon", with("authorization", format!("Bearer: {token}"))),
        (
            "not ASCII",
            with("authorization", format!("Bearer {token}\u{e9}")),
        ),
        ("no token", with("authorization", "Bearer".into())),
        ("nothing", with("authorization", String::new())),
    ] {
        let answer = call.send().await;

        assert_eq!(seen(&answer), seen(&without), "{what}");
    }
}

#[tokio::test]
async fn of_two_authorization_headers_neither_counts() {
    let fixture = fixture().await;
    let bearer = format!("Bearer {}", fixture.user.token);
    let basic = "Basic YW5uOnNlY3JldA==".to_owned();
    for (first, second) in [(&bearer, &bearer), (&bearer, &basic), (&basic, &bearer)] {
        let call = fixture.user.service.get("/api/v1/me");
        let call = call.header("authorization", first);
        let answer = call.header("Authorization", second).send().await;

        answer.expect_problem(401, "unauthorized");
    }
}
