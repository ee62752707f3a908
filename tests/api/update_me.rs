//! `PATCH /api/v1/me`

use serde_json::{Value, json};
use testing::{Answer, TestUser, members, refresh_token_of, service};
use uuid::Uuid;

const PATH: &str = "/api/v1/me";
const NEW: &str = "another battery staple";

#[tokio::test]
async fn a_name_can_be_changed() {
    let user = service().new_user().await;
    let before = user.get(PATH).await.expect(200);

    let answer = user.patch(PATH, &json!({"name": "  Bea 待 "})).await;

    let me = answer.expect(200);
    let mut changed = before;
    changed["name"] = json!("Bea 待");
    assert_eq!(me, changed);
    assert_eq!(members(&me), ["created_at", "email", "id", "name"]);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    assert_eq!(user.get(PATH).await.expect(200), changed);
    assert_eq!(name(&user).await, "Bea 待");
    user.refresh(&user.refresh_token).await.expect(200);
}

#[tokio::test]
async fn a_name_may_have_200_characters() {
    let user = service().new_user().await;
    let longest = "🦀".repeat(200);

    let answer = user.patch(PATH, &json!({"name": longest})).await;

    assert_eq!(answer.expect(200)["name"], longest);
}

#[tokio::test]
async fn no_change_is_a_change_too() {
    let user = service().new_user().await;
    let before = user.get(PATH).await.expect(200);

    let answer = user.patch(PATH, &json!({})).await;

    assert_eq!(answer.expect(200), before);
    user.sign_in().await;
}

#[tokio::test]
async fn a_change_is_of_one_user() {
    let service = service();
    let (user, other) = (service.new_user().await, service.new_user().await);
    let body = json!({"name": "Bea", "password": NEW, "current_password": user.password});

    let answer = user.patch(PATH, &body).await;

    answer.expect(200);
    assert_eq!(name(&other).await, "Ann");
    other.sign_in().await;
    other.refresh(&other.refresh_token).await.expect(200);
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named_and_nothing_changes() {
    let user = service().new_user().await;
    let before = stored(&user).await;
    let password = user.password.as_str();
    for (body, pointers) in [
        (json!({"name": ""}), &["/name"][..]),
        (json!({"name": " \t\u{3000}"}), &["/name"]),
        (json!({"name": "a".repeat(201)}), &["/name"]),
        (json!({"name": "Be\0a"}), &["/name"]),
        (json!({"name": null}), &["/name"]),
        (json!({"name": 1}), &["/name"]),
        (json!({"password": NEW}), &["/current_password"]),
        (
            json!({"name": "Bea", "password": NEW}),
            &["/current_password"],
        ),
        (json!({"current_password": password}), &["/password"]),
        (
            json!({"password": null, "current_password": password}),
            &["/password"],
        ),
        (
            json!({"password": NEW, "current_password": null}),
            &["/current_password"],
        ),
        (
            json!({"password": NEW, "current_password": ""}),
            &["/current_password"],
        ),
        (
            json!({"password": NEW, "current_password": [password]}),
            &["/current_password"],
        ),
        (
            json!({"password": NEW, "current_password": "a".repeat(10_000)}),
            &["/current_password"],
        ),
        (
            json!({"password": format!("{NEW}\0"), "current_password": password}),
            &["/password"],
        ),
        (
            json!({"password": "a".repeat(129), "current_password": password}),
            &["/password"],
        ),
        (json!({"email": "bea@example.com"}), &["/email"]),
        (json!({"id": "chosen"}), &["/id"]),
        (json!({"emailVerified": true}), &["/emailVerified"]),
        (
            json!({"name": "", "password": "short", "current_password": password, "role": "admin"}),
            &["/name", "/password", "/role"],
        ),
    ] {
        let answer = user.patch(PATH, &body).await;

        assert_eq!(answer.status(), 422, "{body}: {answer:?}");
        answer.expect_invalid(pointers);
        assert!(!answer.text().contains(password), "{body}");
        assert!(!answer.text().contains(NEW), "{body}");
        assert_eq!(stored(&user).await, before, "{body}");
    }
}

#[tokio::test]
async fn a_new_password_signs_in_and_the_old_one_no_more() {
    let user = service().new_user().await;
    let before = stored(&user).await;

    let answer = change_password(&user, &user.password, NEW).await;

    assert_eq!(answer.expect(200)["id"], user.id);
    assert!(!answer.text().contains(NEW));
    let old = user.try_password(&user.password).await;
    old.expect_problem(401, "unauthorized");
    user.try_password(NEW).await.expect(200);
    let after = stored(&user).await;
    let hash = after["password"].as_str().expect("a hash is text");
    assert_ne!(after["password"], before["password"]);
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
    assert_eq!(after["id"], before["id"]);
}

#[tokio::test]
async fn name_and_password_change_together() {
    let user = service().new_user().await;
    let body = json!({"name": "Bea", "password": NEW, "current_password": user.password});

    let answer = user.patch(PATH, &body).await;

    assert_eq!(answer.expect(200)["name"], "Bea");
    assert_eq!(name(&user).await, "Bea");
    user.try_password(NEW).await.expect(200);
}

#[tokio::test]
async fn a_new_password_ends_every_sign_in() {
    let user = service().new_user().await;
    let used = user.sign_in().await;
    let newest = refresh_token_of(&user.refresh(&used).await.expect(200));
    let elsewhere = user.sign_in().await;

    let answer = change_password(&user, &user.password, NEW).await;

    answer.expect(200);
    for token in [&user.refresh_token, &used, &newest, &elsewhere] {
        let refused = user.refresh(token).await;
        refused.expect_problem(401, "unauthorized");
    }
    let session = user.try_password(NEW).await.expect(200);
    user.refresh(&refresh_token_of(&session)).await.expect(200);
    user.get(PATH).await.expect(200);
}

#[tokio::test]
async fn with_a_wrong_current_password_nothing_changes() {
    let user = service().new_user().await;
    let before = stored(&user).await;
    for wrong in [
        "wrong password",
        NEW,
        &user.password.to_uppercase(),
        &format!("{} ", user.password),
        "x",
    ] {
        let body = json!({"name": "Bea", "password": NEW, "current_password": wrong});
        let answer = user.patch(PATH, &body).await;

        assert_eq!(answer.status(), 422, "{wrong}: {answer:?}");
        answer.expect_invalid(&["/current_password"]);
        assert_eq!(stored(&user).await, before, "{wrong}");
    }
    let refused = user.try_password(NEW).await;
    refused.expect_problem(401, "unauthorized");
    user.sign_in().await;
    user.refresh(&user.refresh_token).await.expect(200);
}

#[tokio::test]
async fn a_password_that_is_tried_first_is_refused() {
    let user = service().new_user().await;
    let before = stored(&user).await;
    for password in [
        "1234567",
        "iloveyou",
        "ILoveYou",
        "todo-service",
        "Todo2026!",
        &user.email,
        &user.email.to_uppercase(),
    ] {
        let answer = change_password(&user, &user.password, password).await;

        assert_eq!(answer.status(), 422, "{password}: {answer:?}");
        answer.expect_invalid(&["/password"]);
        assert_eq!(stored(&user).await, before, "{password}");
    }
}

#[tokio::test]
async fn the_name_in_an_address_is_no_password() {
    let service = service();
    for local_part in ["ann.{}.miller", "ann{}1990", "1990{}ann", "_ann{}_"] {
        let local_part = local_part.replace("{}", &Uuid::new_v4().simple().to_string());
        let mut user = service.new_user().await;
        user.email = format!("{local_part}@example.com");
        let rename = format!(
            r#"update "user" set email = '{}' where id = $1"#,
            user.email
        );
        user.run(&rename).await;
        for password in [
            local_part.clone(),
            local_part.to_uppercase(),
            format!("{local_part}!"),
            format!("{local_part}2026"),
        ] {
            let answer = change_password(&user, &user.password, &password).await;

            assert_eq!(answer.status(), 422, "{password}: {answer:?}");
            answer.expect_invalid(&["/password"]);
        }
    }
}

#[tokio::test]
async fn without_a_password_there_is_none_to_change() {
    for change in [
        r#"delete from account where "userId" = $1"#,
        r#"update account set password = null where "userId" = $1"#,
        r#"update account set "providerId" = 'google' where "userId" = $1"#,
    ] {
        let user = service().new_user().await;
        user.run(change).await;
        let body = json!({"name": "Bea", "password": NEW, "current_password": user.password});

        let answer = user.patch(PATH, &body).await;

        answer.expect_problem(409, "conflict");
        assert_eq!(name(&user).await, "Ann", "{change}");
        let refused = user.try_password(NEW).await;
        refused.expect_problem(401, "unauthorized");
        user.patch(PATH, &json!({"name": "Bea"})).await.expect(200);
        user.refresh(&user.refresh_token).await.expect(200);
    }
}

#[tokio::test]
async fn a_current_password_can_be_guessed_ten_times() {
    let service = service();
    let (user, other) = (service.new_user().await, service.new_user().await);
    for _ in 0..10 {
        let wrong = change_password(&user, "wrong password", NEW).await;
        wrong.expect_invalid(&["/current_password"]);
    }

    let answer = change_password(&user, &user.password, NEW).await;

    answer.expect_problem(429, "too-many-requests");
    let wait = answer.header("retry-after").map(str::parse);
    let wait: u32 = wait.expect("it is told").expect("it is a number");
    assert!((1..=900).contains(&wait), "{wait}");
    let delete = user.call("DELETE", PATH);
    let delete = delete.json(&json!({"password": user.password})).send();
    delete.await.expect_problem(429, "too-many-requests");
    user.sign_in().await;
    user.patch(PATH, &json!({"name": "Bea"})).await.expect(200);
    change_password(&other, &other.password, NEW)
        .await
        .expect(200);
}

#[tokio::test]
async fn a_right_password_is_not_counted_as_a_guess() {
    let mut user = service().new_user().await;
    for round in 0..12 {
        let new = format!("{NEW} {round}");
        let answer = change_password(&user, &user.password, &new).await;

        assert_eq!(answer.status(), 200, "{round}: {answer:?}");
        user.password = new;
    }
}

/// The second request finds that its current password has changed, and does
/// nothing.
#[tokio::test]
async fn of_two_changes_at_once_one_does_nothing() {
    let service = service();
    let function = service.function("update-me");
    function.add_process().expect("another process starts");
    let user = service.new_user().await;
    let held = user
        .hold(r#"select from account where "userId" = $1 for update"#)
        .await;
    let change = |name: &str| {
        let new = format!("{NEW} of {name}");
        let body = json!({"name": name, "password": new, "current_password": user.password});
        user.call("PATCH", PATH).json(&body).send()
    };

    let (bea, cleo, ()) = tokio::join!(change("Bea"), change("Cleo"), async {
        held.until_waiting(2).await;
        held.release().await;
    });

    let (winner, loser) = match bea.status() {
        200 => ("Bea", cleo),
        _ => ("Cleo", bea),
    };
    loser.expect_problem(409, "conflict");
    let password = format!("{NEW} of {winner}");
    user.try_password(&password).await.expect(200);
    assert_eq!(name(&user).await, winner);
}

/// A user who changes a stolen password races the thief.
#[tokio::test]
async fn a_sign_in_with_the_old_password_cannot_outrun_its_change() {
    let user = service().new_user().await;
    let held = user
        .hold(r#"select from "user" where id = $1 for update"#)
        .await;

    let (thief, change) = held
        .behind_each_other(
            user.try_password(&user.password),
            change_password(&user, &user.password, NEW),
        )
        .await;

    change.expect(200);
    user.expect_no_lasting_session(&thief).await;
}

#[tokio::test]
async fn a_refresh_cannot_outrun_a_change_of_password() {
    let user = service().new_user().await;
    let held = user
        .hold(r#"select from "user" where id = $1 for update"#)
        .await;

    let (thief, change) = held
        .behind_each_other(
            user.refresh(&user.refresh_token),
            change_password(&user, &user.password, NEW),
        )
        .await;

    change.expect(200);
    user.expect_no_lasting_session(&thief).await;
}

#[tokio::test]
async fn without_a_good_token_nothing_changes() {
    let user = service().new_user().await;
    let before = stored(&user).await;
    let tampered = format!("{}AAAA", &user.token[..user.token.len() - 4]);
    let body = json!({"name": "Bea", "password": NEW, "current_password": user.password});
    for token in [None, Some("x"), Some(tampered.as_str())] {
        let mut call = user.service.call("PATCH", PATH).json(&body);
        if let Some(token) = token {
            call = call.token(token);
        }
        let answer = call.send().await;

        answer.expect_problem(401, "unauthorized");
        assert_eq!(stored(&user).await, before);
    }
}

#[tokio::test]
async fn a_deleted_user_is_nobody() {
    let user = service().new_user().await;
    user.run(r#"delete from "user" where id = $1"#).await;

    let rename = user.patch(PATH, &json!({"name": "Bea"})).await;
    let change = change_password(&user, &user.password, NEW).await;

    rename.expect_problem(401, "unauthorized");
    change.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn what_is_not_one_json_object_is_refused() {
    let user = service().new_user().await;
    let before = stored(&user).await;
    for (media_type, body, status) in [
        ("application/json", "", 400),
        ("application/json", "[]", 400),
        (
            "application/json",
            r#"{"name": "Bea", "name": "Cleo"}"#,
            400,
        ),
        ("application/x-www-form-urlencoded", "name=Bea", 415),
    ] {
        let call = user.call("PATCH", PATH).raw(media_type, body.as_bytes());
        let answer = call.send().await;

        assert_eq!(answer.status(), status, "{body}: {answer:?}");
        assert_eq!(stored(&user).await, before, "{body}");
    }
}

async fn change_password(user: &TestUser, current: &str, new: &str) -> Answer {
    let body = json!({"password": new, "current_password": current});
    user.patch(PATH, &body).await
}

/// The rows of a user and its account, joined.
async fn stored(user: &TestUser) -> Value {
    let select = r#"
        select (to_jsonb(account) || to_jsonb("user"))::text
        from "user"
        join account on account."userId" = "user".id
        where "user".id = $1"#;
    let rows = user.run(select).await;
    serde_json::from_str(rows[0].get(0)).expect("jsonb is JSON")
}

async fn name(user: &TestUser) -> String {
    let rows = user.run(r#"select name from "user" where id = $1"#).await;
    rows[0].get(0)
}
