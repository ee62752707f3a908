//! `POST /api/v1/auth/refresh`

use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{
    Answer, Service, TestUser, eventually, members, new_address, new_email, refresh_token_of,
    service,
};
use tokio::task::JoinSet;
use tokio_postgres::types::Type;
use uuid::Uuid;

const PATH: &str = "/api/v1/auth/refresh";

/// Longer than the 60 seconds in which a second use counts as a lost answer.
const AGE: &str = "
    update auth_refresh
    set used_at = used_at - interval '61 seconds',
        created_at = created_at - interval '61 seconds'
    where user_id = $1";

#[tokio::test]
async fn a_refresh_token_is_good_for_another_session() {
    let service = service();
    let body = json!({"name": "Ann", "email": new_email(), "password": "correct horse"});
    let register = service.post("/api/v1/auth/register").json(&body);
    let registered = register.send().await.expect(201);

    let answer = refresh(&service, &registered["refresh_token"]).await;

    let session = answer.expect(200);
    assert_eq!(members(&session), members(&registered));
    for same in ["user", "token_type", "expires_in"] {
        assert_eq!(session[same], registered[same], "{same}");
    }
    assert_ne!(session["refresh_token"], registered["refresh_token"]);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let token = session["access_token"].as_str().expect("a token is text");
    let tasks = service.get("/api/v1/tasks").token(token).send().await;
    assert_eq!(tasks.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_session_goes_on_from_token_to_token() {
    let (user, mut token) = signed_in(&service()).await;
    for _ in 0..5 {
        let answer = user.refresh(&token).await;

        let next = refresh_token_of(&answer.expect(200));
        assert_ne!(next, token);
        token = next;
    }
    assert_eq!(stored(&user, "used_at is not null").await, 5);
    assert_eq!(stored(&user, "used_at is null").await, 1);
}

#[tokio::test]
async fn a_client_whose_answer_was_lost_stays_signed_in() {
    let (user, token) = signed_in(&service()).await;
    let lost = refresh_token_of(&user.refresh(&token).await.expect(200));
    user.run("update auth_refresh set used_at = now() - interval '55 seconds' where user_id = $1 and used_at is not null")
        .await;

    let again = user.refresh(&token).await;

    let next = refresh_token_of(&again.expect(200));
    assert_eq!(
        stored(&user, "revoked_at is null and used_at is null").await,
        1
    );
    user.refresh(&lost)
        .await
        .expect_problem(401, "unauthorized");
    user.refresh(&next).await.expect(200);
}

#[tokio::test]
async fn a_lost_token_that_is_used_later_ends_its_sign_in() {
    let (user, token) = signed_in(&service()).await;
    let lost = refresh_token_of(&user.refresh(&token).await.expect(200));
    let next = refresh_token_of(&user.refresh(&token).await.expect(200));
    user.run(AGE).await;

    user.refresh(&lost)
        .await
        .expect_problem(401, "unauthorized");

    user.refresh(&next)
        .await
        .expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_token_whose_successor_was_used_is_refused_and_soon_nothing_more() {
    let (user, token) = signed_in(&service()).await;
    let next = refresh_token_of(&user.refresh(&token).await.expect(200));
    let newest = refresh_token_of(&user.refresh(&next).await.expect(200));

    let answer = user.refresh(&token).await;

    answer.expect_problem(401, "unauthorized");
    assert_eq!(stored(&user, "true").await, 3);
    user.refresh(&newest).await.expect(200);
}

#[tokio::test]
async fn junk_from_one_address_is_429_and_keeps_nobody_from_refreshing() {
    let (user, token) = signed_in(&service()).await;
    let address = new_address();
    let send = |token: &str| {
        let call = user.service.post(PATH).source_address(&address);
        call.json(&json!({"refresh_token": token})).send()
    };
    for _ in 0..60 {
        send("junk").await.expect_problem(401, "unauthorized");
    }

    let refused = send("junk").await;

    refused.expect_problem(429, "too-many-requests");
    assert!(refused.header("retry-after").is_some());
    send(&token).await.expect(200);
    user.service
        .post(PATH)
        .source_address(&new_address())
        .json(&json!({"refresh_token": "junk"}))
        .send()
        .await
        .expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_token_that_is_used_again_later_ends_its_sign_in() {
    let (user, token) = signed_in(&service()).await;
    let second = refresh_token_of(&user.refresh(&token).await.expect(200));
    let newest = refresh_token_of(&user.refresh(&second).await.expect(200));
    user.run(AGE).await;

    let answer = user.refresh(&token).await;

    answer.expect_problem(401, "unauthorized");
    let newest = user.refresh(&newest).await;
    newest.expect_problem(401, "unauthorized");
    assert_eq!(stored(&user, "revoked_at is not null").await, 3);
    assert_eq!(stored(&user, "revoked_at is null").await, 0);
}

#[tokio::test]
async fn other_sign_ins_outlive_the_end_of_one() {
    let (user, token) = signed_in(&service()).await;
    let other = user.sign_in().await;
    let newest = refresh_token_of(&user.refresh(&token).await.expect(200));
    user.run(AGE).await;
    let reuse = user.refresh(&token).await;
    reuse.expect_problem(401, "unauthorized");

    let answer = user.refresh(&other).await;

    answer.expect(200);
    let ended = user.refresh(&newest).await;
    ended.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_late_second_use_is_in_the_log_without_the_token() {
    let service = service();
    let (user, token) = signed_in(&service).await;
    let newest = refresh_token_of(&user.refresh(&token).await.expect(200));
    user.run(AGE).await;

    let answer = user.refresh(&token).await;

    answer.expect_problem(401, "unauthorized");
    let lines = lines_about(&service, &answer).await;
    let warnings: Vec<&String> = lines.iter().filter(|it| it.contains("WARN")).collect();
    assert_eq!(warnings.len(), 1, "{lines:?}");
    for line in service.function("refresh").log() {
        assert!(!line.contains(&token), "{line}");
        assert!(!line.contains(&newest), "{line}");
    }
}

#[tokio::test]
async fn of_concurrent_uses_of_one_token_one_stays_good() {
    let service = service();
    let (user, token) = signed_in(&service).await;
    let user = Arc::new(user);
    for _ in 0..3 {
        let function = service.function("refresh");
        function.add_process().expect("another process starts");
    }

    let mut uses = JoinSet::new();
    for _ in 0..20 {
        let (user, token) = (user.clone(), token.clone());
        uses.spawn(async move { user.refresh(&token).await });
    }
    let answers = uses.join_all().await;

    let mut good = Vec::new();
    for answer in &answers {
        let next = refresh_token_of(&answer.expect(200));
        let used = user.refresh(&next).await;
        if used.status() == 200 {
            good.push(refresh_token_of(&used.json()));
        }
    }
    assert_eq!(good.len(), 1, "{answers:?}");
    assert_eq!(
        stored(&user, "used_at is null and revoked_at is null").await,
        1
    );
    user.run(AGE).await;
    let reuse = user.refresh(&token).await;
    reuse.expect_problem(401, "unauthorized");
    let newest = user.refresh(&good[0]).await;
    newest.expect_problem(401, "unauthorized");
}

/// A thief may use the newest token at the moment in which the victim's old token
/// reveals the theft.
#[tokio::test]
async fn a_refresh_cannot_outrun_the_end_of_its_sign_in() {
    let service = service();
    let function = service.function("refresh");
    function.add_process().expect("another process starts");
    let (user, token) = signed_in(&service).await;
    let stolen = refresh_token_of(&user.refresh(&token).await.expect(200));
    user.run(AGE).await;
    let held = user
        .hold(r#"select from "user" where id = $1 for update"#)
        .await;

    let (thief, victim) = held
        .behind_each_other(user.refresh(&stolen), user.refresh(&token))
        .await;

    victim.expect_problem(401, "unauthorized");
    user.expect_no_lasting_session(&thief).await;
}

#[tokio::test]
async fn a_token_is_good_for_30_days_and_its_sign_in_for_90() {
    let (user, token) = signed_in(&service()).await;
    let ages = "expires_at = created_at + interval '30 days'
        and family_expires_at = created_at + interval '90 days'";
    assert_eq!(stored(&user, ages).await, 1);
    user.run(
        "update auth_refresh
        set created_at = created_at - interval '20 days',
            expires_at = expires_at - interval '20 days',
            family_expires_at = family_expires_at - interval '20 days'
        where user_id = $1",
    )
    .await;

    let answer = user.refresh(&token).await;

    answer.expect(200);
    let slid = "used_at is null
        and expires_at = created_at + interval '30 days'
        and family_expires_at < created_at + interval '70 days'
        and family_expires_at = (
            select family_expires_at
            from auth_refresh
            where user_id = $1 and used_at is not null
        )";
    assert_eq!(stored(&user, slid).await, 1);
}

#[tokio::test]
async fn no_token_outlives_the_90_days_of_its_sign_in() {
    let (user, token) = signed_in(&service()).await;
    user.run(
        "update auth_refresh set family_expires_at = now() + interval '5 days' where user_id = $1",
    )
    .await;

    let answer = user.refresh(&token).await;

    let last = refresh_token_of(&answer.expect(200));
    let ends_together = "used_at is null
        and expires_at = family_expires_at
        and expires_at < now() + interval '5 days'";
    assert_eq!(stored(&user, ends_together).await, 1);
    user.run(
        "update auth_refresh
        set expires_at = expires_at - interval '5 days',
            family_expires_at = family_expires_at - interval '5 days'
        where user_id = $1",
    )
    .await;
    let late = user.refresh(&last).await;
    late.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused_the_same_for_all_reasons() {
    let service = service();
    let (mut user, mut token) = signed_in(&service).await;
    let unknown = refresh(&service, &json!("A".repeat(43))).await;
    unknown.expect_problem(401, "unauthorized");
    assert_eq!(unknown.header("www-authenticate"), Some("Bearer"));
    assert_eq!(unknown.header("cache-control"), Some("no-store"));
    for (reason, change) in [
        (
            "expired",
            "update auth_refresh set expires_at = now() where user_id = $1",
        ),
        (
            "revoked",
            "update auth_refresh set revoked_at = now() where user_id = $1",
        ),
        (
            "used",
            "update auth_refresh set used_at = now() where user_id = $1",
        ),
        (
            "used long ago",
            "update auth_refresh set used_at = now() - interval '1 day' where user_id = $1",
        ),
        ("user deleted", r#"delete from "user" where id = $1"#),
    ] {
        user.run(change).await;
        let before = stored(&user, "true").await;

        let answer = user.refresh(&token).await;

        assert_eq!(refusal(&answer), refusal(&unknown), "{reason}");
        assert_eq!(stored(&user, "true").await, before, "{reason}");
        (user, token) = signed_in(&service).await;
    }
}

#[tokio::test]
async fn what_is_no_refresh_token_is_refused() {
    let (user, token) = signed_in(&service()).await;
    for other in [
        "",
        " ",
        "null",
        "' or true --",
        "🦀",
        &user.token,
        &user.id,
        &Uuid::nil().to_string(),
        &format!("{token} "),
        &format!("\n{token}"),
        &format!("{token}="),
        &format!("{token}A"),
        &token[1..],
        &token.to_uppercase(),
        &token.repeat(2),
        &"a".repeat(200_000),
    ] {
        let answer = user.refresh(other).await;

        assert_eq!(answer.status(), 401, "{other}: {answer:?}");
        answer.expect_problem(401, "unauthorized");
    }
    user.refresh(&token).await.expect(200);
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named() {
    let (user, token) = signed_in(&service()).await;
    for (body, pointers) in [
        (json!({}), &["/refresh_token"][..]),
        (json!({"refresh_token": null}), &["/refresh_token"]),
        (json!({"refresh_token": 1}), &["/refresh_token"]),
        (json!({"refresh_token": [token]}), &["/refresh_token"]),
        (
            json!({"refresh_token": format!("{token}\0")}),
            &["/refresh_token"],
        ),
        (json!({"token": token}), &["/refresh_token", "/token"]),
        (
            json!({"refresh_token": token, "grant_type": "refresh_token"}),
            &["/grant_type"],
        ),
    ] {
        let answer = user.service.post(PATH).json(&body).send().await;

        assert_eq!(answer.status(), 422, "{body}: {answer:?}");
        answer.expect_invalid(pointers);
        assert!(!answer.text().contains(token.as_str()), "{body}");
    }
    user.refresh(&token).await.expect(200);
}

#[tokio::test]
async fn what_is_not_one_json_object_is_refused() {
    let service = service();
    let twice = r#"{"refresh_token": "a", "refresh_token": "b"}"#;
    let large = json!({"refresh_token": "a".repeat(256 * 1024)}).to_string();
    for (media_type, body, status) in [
        ("application/json", "", 400),
        ("application/json", "\"token\"", 400),
        ("application/json", twice, 400),
        (
            "application/x-www-form-urlencoded",
            "refresh_token=token",
            415,
        ),
        ("application/json", &large, 413),
    ] {
        let call = service.post(PATH).raw(media_type, body.as_bytes());
        let answer = call.send().await;

        assert_eq!(answer.status(), status, "{answer:?}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
    }
}

#[tokio::test]
async fn a_refresh_token_signs_no_request() {
    let (user, token) = signed_in(&service()).await;
    let call = user.service.get("/api/v1/tasks").token(&token);

    let answer = call.send().await;

    answer.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn only_the_hash_of_a_token_is_stored() {
    let (user, token) = signed_in(&service()).await;
    let next = refresh_token_of(&user.refresh(&token).await.expect(200));
    let select = "
        select auth_refresh::text
        from auth_refresh
        where user_id = $2
        and token_hash = sha256(convert_to($1, 'UTF8'))
        and octet_length(token_hash) = 32";
    let client = user.service.connect_as_owner().await;
    for token in [&token, &next] {
        // 32 bytes in base64url.
        assert_eq!(token.len(), 43);
        let parameters = [(token as _, Type::TEXT), (&user.id as _, Type::TEXT)];
        let rows = client.query_typed(select, &parameters).await;
        let rows = rows.expect("select");
        assert_eq!(rows.len(), 1);
        let row: &str = rows[0].get(0);
        assert!(!row.contains(token.as_str()), "{row}");
    }
}

#[tokio::test]
async fn what_ended_long_ago_goes_with_the_next_sign_in() {
    let user = service().new_user().await;
    user.sign_in().await;
    user.run("update auth_refresh set expires_at = now() - interval '25 hours' where user_id = $1")
        .await;
    let lately = user.sign_in().await;
    user.run("update auth_refresh set expires_at = now() - interval '23 hours' where user_id = $1")
        .await;

    user.sign_in().await;

    assert_eq!(stored(&user, "true").await, 2);
    let late = user.refresh(&lately).await;
    late.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_banned_user_is_refused_until_the_ban_ends() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let (user, token) = signed_in(&service).await;
    let (other, others_token) = signed_in(&service).await;
    let client = service.connect_as_owner().await;
    let columns = r#"
        alter table "user"
        add column banned boolean,
        add column "banExpires" timestamptz"#;
    client.batch_execute(columns).await.expect("alter table");
    user.run(r#"update "user" set banned = true where id = $1"#)
        .await;

    let answer = user.refresh(&token).await;

    answer.expect_problem(401, "unauthorized");
    assert_eq!(stored(&user, "true").await, 1);
    other.refresh(&others_token).await.expect(200);
    user.run(r#"update "user" set "banExpires" = now() where id = $1"#)
        .await;
    user.refresh(&token).await.expect(200);
}

/// A new user, and the refresh token.
async fn signed_in(service: &Arc<Service>) -> (TestUser, String) {
    let user = service.new_user().await;
    let token = user.refresh_token.clone();
    (user, token)
}

async fn refresh(service: &Service, token: &Value) -> Answer {
    let body = json!({"refresh_token": token});
    service.post(PATH).json(&body).send().await
}

/// The lines of the log with the id of an answered request.
async fn lines_about(service: &Service, answer: &Answer) -> Vec<String> {
    let id = answer.header("x-request-id").expect("it has an id");
    eventually(async || {
        let mut lines = service.function("refresh").log();
        lines.retain(|line| line.contains(id));
        let are_whole = lines.iter().any(|it| it.contains(r#""message":"request""#));
        are_whole.then_some(lines)
    })
    .await
}

/// The number of refresh tokens of the user that meet a condition.
async fn stored(user: &TestUser, condition: &str) -> i64 {
    let count = format!("select count(*) from auth_refresh where user_id = $1 and {condition}");
    user.run(&count).await[0].get(0)
}

/// Everything that a client sees of an answer.
fn refusal(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let headers = answer.headers().into_iter();
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    (answer.status(), answer.text(), headers.collect())
}
