//! Where a token stands in a request (RFC 6750).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::world::{seen, world};

#[tokio::test]
async fn the_case_of_the_scheme_does_not_matter() {
    let world = world().await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR", "bearer "] {
        let value = format!("{scheme} {}", world.user.token);
        let call = world.user.service.get("/api/v1/me");
        let answer = call.header("authorization", &value).send().await;

        assert_eq!(answer.status(), 200, "{scheme:?}: {answer:?}");
        assert_eq!(answer.json()["id"], world.user.id);
    }
}

#[tokio::test]
async fn a_token_anywhere_but_behind_bearer_is_no_token() {
    let world = world().await;
    let token = &world.user.token;
    let get = |query: &str| world.user.service.get(&format!("/api/v1/me{query}"));
    let with = |name: &str, value: String| get("").header(name, &value);
    let without = get("").send().await;
    without.expect_problem(401, "unauthorized");
    assert_eq!(without.header("www-authenticate"), Some("Bearer"));
    let basic = BASE64_STANDARD.encode(format!("{}:{token}", world.user.id));
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
    let world = world().await;
    let bearer = format!("Bearer {}", world.user.token);
    let basic = "Basic YW5uOnNlY3JldA==".to_owned();
    for (first, second) in [(&bearer, &bearer), (&bearer, &basic), (&basic, &bearer)] {
        let call = world.user.service.get("/api/v1/me");
        let call = call.header("authorization", first);
        let answer = call.header("Authorization", second).send().await;

        answer.expect_problem(401, "unauthorized");
    }
}
