//! `POST /api/v1/auth/logout`

use serde_json::{Value, json};
use testing::{Answer, Service, refresh_token_of, service};
use uuid::Uuid;

const PATH: &str = "/api/v1/auth/logout";

#[tokio::test]
async fn a_token_ends_its_sign_in() {
    let service = service();
    let user = service.new_user().await;

    let answer = log_out(&service, &user.refresh_token).await;

    answer.expect(204);
    let refused = user.refresh(&user.refresh_token).await;
    refused.expect_problem(401, "unauthorized");
    let stored = user
        .run("select revoked_at is not null from auth_refresh where user_id = $1")
        .await;
    assert_eq!(stored.len(), 1);
    assert!(stored[0].get::<_, bool>(0));
}

#[tokio::test]
async fn a_used_token_ends_its_sign_in_too() {
    let service = service();
    let user = service.new_user().await;
    let newest = refresh_token_of(&user.refresh(&user.refresh_token).await.expect(200));

    let answer = log_out(&service, &user.refresh_token).await;

    answer.expect(204);
    let refused = user.refresh(&newest).await;
    refused.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn other_sign_ins_live_on() {
    let service = service();
    let (user, other) = (service.new_user().await, service.new_user().await);
    let elsewhere = user.sign_in().await;

    let answer = log_out(&service, &user.refresh_token).await;

    answer.expect(204);
    user.refresh(&elsewhere).await.expect(200);
    other.refresh(&other.refresh_token).await.expect(200);
}

#[tokio::test]
async fn everywhere_ends_all_sign_ins_of_the_user_and_of_nobody_else() {
    let service = service();
    let (user, other) = (service.new_user().await, service.new_user().await);
    let elsewhere = user.sign_in().await;
    let newest = refresh_token_of(&user.refresh(&elsewhere).await.expect(200));

    let answer = log_out_everywhere(&service, &user.refresh_token).await;

    answer.expect(204);
    for token in [&user.refresh_token, &newest] {
        let refused = user.refresh(token).await;
        refused.expect_problem(401, "unauthorized");
    }
    other.refresh(&other.refresh_token).await.expect(200);
    user.sign_in().await;
}

/// Somebody who finds an old token cannot sign its user out for ever.
#[tokio::test]
async fn a_sign_in_that_has_ended_ends_no_other() {
    let service = service();
    let user = service.new_user().await;
    let elsewhere = user.sign_in().await;
    log_out(&service, &user.refresh_token).await.expect(204);

    let answer = log_out_everywhere(&service, &user.refresh_token).await;

    answer.expect(204);
    user.refresh(&elsewhere).await.expect(200);
}

#[tokio::test]
async fn not_everywhere_is_only_here() {
    let service = service();
    let user = service.new_user().await;
    let elsewhere = user.sign_in().await;

    let body = json!({"refresh_token": user.refresh_token, "everywhere": false});
    let answer = service.post(PATH).json(&body).send().await;

    answer.expect(204);
    let refused = user.refresh(&user.refresh_token).await;
    refused.expect_problem(401, "unauthorized");
    user.refresh(&elsewhere).await.expect(200);
}

#[tokio::test]
async fn the_access_token_stays_good() {
    let service = service();
    let user = service.new_user().await;

    let answer = log_out(&service, &user.refresh_token).await;

    answer.expect(204);
    user.get("/api/v1/tasks").await.expect(200);
}

#[tokio::test]
async fn the_answer_tells_nothing_about_a_token() {
    let service = service();
    let user = service.new_user().await;
    let good = log_out(&service, &user.refresh_token).await;
    for token in [
        user.refresh_token.as_str(),
        "",
        "x",
        "' or true --",
        &"A".repeat(43),
        &"A".repeat(200_000),
        &user.token,
        &Uuid::nil().to_string(),
    ] {
        let answer = log_out(&service, token).await;

        answer.expect(204);
        assert_eq!(answer.headers(), good.headers(), "{token}");
    }
    user.sign_in().await;
}

#[tokio::test]
async fn logging_out_twice_changes_nothing_more() {
    let service = service();
    let user = service.new_user().await;
    log_out(&service, &user.refresh_token).await.expect(204);
    let select = "select auth_refresh::text from auth_refresh where user_id = $1";
    let before: String = user.run(select).await[0].get(0);

    let answer = log_out(&service, &user.refresh_token).await;

    answer.expect(204);
    let after: String = user.run(select).await[0].get(0);
    assert_eq!(after, before);
}

/// A user who logs out because the token was stolen races the thief.
#[tokio::test]
async fn a_refresh_cannot_outrun_a_logout() {
    let service = service();
    let user = service.new_user().await;
    let held = user
        .hold(r#"select from "user" where id = $1 for update"#)
        .await;

    let (thief, logout) = held
        .behind_each_other(
            user.refresh(&user.refresh_token),
            log_out(&service, &user.refresh_token),
        )
        .await;

    logout.expect(204);
    user.expect_no_lasting_session(&thief).await;
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named() {
    let service = service();
    let user = service.new_user().await;
    let token = &user.refresh_token;
    for (body, pointers) in [
        (json!({}), &["/refresh_token"][..]),
        (json!({"refresh_token": null}), &["/refresh_token"]),
        (json!({"refresh_token": 1}), &["/refresh_token"]),
        (json!({"refresh_token": "\0"}), &["/refresh_token"]),
        (
            json!({"refresh_token": token, "everywhere": "yes"}),
            &["/everywhere"],
        ),
        (
            json!({"refresh_token": token, "everywhere": null}),
            &["/everywhere"],
        ),
        (
            json!({"refresh_token": token, "elsewhere": true}),
            &["/elsewhere"],
        ),
    ] {
        let answer = service.post(PATH).json(&body).send().await;

        assert_eq!(answer.status(), 422, "{body}: {answer:?}");
        answer.expect_invalid(pointers);
    }
    user.refresh(token).await.expect(200);
}

#[tokio::test]
async fn what_is_not_one_json_object_is_refused() {
    let service = service();
    for (media_type, body, status) in [
        ("application/json", "", 400),
        ("application/json", "[]", 400),
        ("application/x-www-form-urlencoded", "refresh_token=a", 415),
    ] {
        let call = service.post(PATH).raw(media_type, body.as_bytes());
        let answer = call.send().await;

        assert_eq!(answer.status(), status, "{body}: {answer:?}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
    }
}

async fn log_out_everywhere(service: &Service, token: &str) -> Answer {
    let body = json!({"refresh_token": token, "everywhere": true});
    service.post(PATH).json(&body).send().await
}

async fn log_out(service: &Service, token: &str) -> Answer {
    let body: Value = json!({"refresh_token": token});
    service.post(PATH).json(&body).send().await
}
