//! `GET /api/v1/me`

use serde_json::json;
use testing::{is_utc_time, members, new_email, service};

const PATH: &str = "/api/v1/me";

#[tokio::test]
async fn whoever_is_signed_in_is_told_who() {
    let service = service();
    let email = new_email();
    let body = json!({"name": "Zoë", "email": email, "password": "correct horse"});
    let register = service.post("/api/v1/auth/register").json(&body);
    let session = register.send().await.expect(201);
    let token = session["access_token"].as_str().expect("a token is text");

    let answer = service.get(PATH).token(token).send().await;

    let me = answer.expect(200);
    assert_eq!(me, session["user"]);
    assert_eq!(members(&me), ["created_at", "email", "id", "name"]);
    assert_eq!((&me["name"], &me["email"]), (&json!("Zoë"), &json!(email)));
    assert!(is_utc_time(&me["created_at"]), "{me}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
}

#[tokio::test]
async fn each_user_sees_itself_only() {
    let service = service();
    let (user, other) = (service.new_user().await, service.new_user().await);
    for somebody in [&user, &other] {
        let me = somebody.get(PATH).await.expect(200);

        assert_eq!(
            (&me["id"], &me["email"]),
            (&json!(somebody.id), &json!(somebody.email))
        );
    }
}

#[tokio::test]
async fn a_user_without_password_is_told_as_well() {
    let user = service().new_user().await;
    user.run(r#"delete from account where "userId" = $1"#).await;

    let me = user.get(PATH).await;

    assert_eq!(me.expect(200)["id"], user.id);
}

#[tokio::test]
async fn without_a_good_token_nobody_is_told() {
    let user = service().new_user().await;
    let tampered = format!("{}AAAA", &user.token[..user.token.len() - 4]);
    for token in [
        None,
        Some(""),
        Some("x"),
        Some(tampered.as_str()),
        Some(user.refresh_token.as_str()),
    ] {
        let mut call = user.service.get(PATH);
        if let Some(token) = token {
            call = call.token(token);
        }
        let answer = call.send().await;

        answer.expect_problem(401, "unauthorized");
        let scheme = answer.header("www-authenticate").expect("it is named");
        assert!(scheme.starts_with("Bearer"), "{scheme}");
    }
}

#[tokio::test]
async fn a_deleted_user_is_nobody() {
    let user = service().new_user().await;
    user.run(r#"delete from "user" where id = $1"#).await;

    let answer = user.get(PATH).await;

    answer.expect_problem(401, "unauthorized");
}
