//! `DELETE /api/v1/me`

use serde_json::{Value, json};
use testing::{Answer, TestUser, path_of, service};

const PATH: &str = "/api/v1/me";

#[tokio::test]
async fn a_user_goes_with_everything_of_it() {
    let user = service().new_user().await;
    let task = user.create("Gone with its owner").await;
    user.sign_in().await;
    assert_eq!(stored(&user).await, [1, 1, 1, 2]);

    let answer = delete(&user, &user.password).await;

    answer.expect(204);
    assert_eq!(stored(&user).await, [0; 4]);
    for gone in [PATH, "/api/v1/tasks", &path_of(&task)] {
        let refused = user.get(gone).await;
        refused.expect_problem(401, "unauthorized");
    }
    let create = user.post("/api/v1/tasks", &json!({"title": "Late"})).await;
    create.expect_problem(401, "unauthorized");
    let login = user.try_password(&user.password).await;
    login.expect_problem(401, "unauthorized");
    let refresh = user.refresh(&user.refresh_token).await;
    refresh.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn another_users_data_is_not_touched() {
    let service = service();
    let (user, other) = (service.new_user().await, service.new_user().await);
    user.create("Gone").await;
    let task = other.create("Kept").await;
    let before = other.stored().await;

    let answer = delete(&user, &user.password).await;

    answer.expect(204);
    assert_eq!(other.stored().await, before);
    assert_eq!(stored(&other).await, [1; 4]);
    assert_eq!(other.get(&path_of(&task)).await.expect(200), task);
    other.sign_in().await;
    other.refresh(&other.refresh_token).await.expect(200);
}

#[tokio::test]
async fn with_a_wrong_password_nothing_is_deleted() {
    let service = service();
    let (user, other) = (service.new_user().await, service.new_user().await);
    user.create("Kept").await;
    for wrong in [
        "wrong password",
        "x",
        &other.password,
        &user.password.to_uppercase(),
        &format!("{} ", user.password),
    ] {
        let answer = delete(&user, wrong).await;

        assert_eq!(answer.status(), 422, "{wrong}: {answer:?}");
        answer.expect_invalid(&["/password"]);
        assert_eq!(stored(&user).await, [1; 4], "{wrong}");
    }
    user.get(PATH).await.expect(200);
    user.refresh(&user.refresh_token).await.expect(200);
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named_and_nothing_is_deleted() {
    let user = service().new_user().await;
    for (body, pointers) in [
        (json!({}), &["/password"][..]),
        (json!({"password": null}), &["/password"]),
        (json!({"password": ""}), &["/password"]),
        (json!({"password": true}), &["/password"]),
        (json!({"password": [user.password]}), &["/password"]),
        (
            json!({"password": format!("{}\0", user.password)}),
            &["/password"],
        ),
        (json!({"password": "a".repeat(10_000)}), &["/password"]),
        (json!({"password": user.password, "id": user.id}), &["/id"]),
    ] {
        let answer = user.call("DELETE", PATH).json(&body).send().await;

        assert_eq!(answer.status(), 422, "{body}: {answer:?}");
        answer.expect_invalid(pointers);
        assert!(!answer.text().contains(&user.password), "{body}");
    }
    user.get(PATH).await.expect(200);
}

#[tokio::test]
async fn without_a_body_nothing_is_deleted() {
    let user = service().new_user().await;
    let json = "application/json";
    for (media_type, body, status) in [
        (None, "", 415),
        (Some("text/plain"), "password", 415),
        (Some(json), "", 400),
        (Some(json), "null", 400),
    ] {
        let mut call = user.call("DELETE", PATH);
        if let Some(media_type) = media_type {
            call = call.raw(media_type, body.as_bytes());
        }
        let answer = call.send().await;

        assert_eq!(answer.status(), status, "{body}: {answer:?}");
    }
    user.get(PATH).await.expect(200);
}

#[tokio::test]
async fn without_a_password_a_user_cannot_confirm() {
    for change in [
        r#"delete from account where "userId" = $1"#,
        r#"update account set password = null where "userId" = $1"#,
        r#"update account set "providerId" = 'google' where "userId" = $1"#,
    ] {
        let user = service().new_user().await;
        user.run(change).await;

        let answer = delete(&user, &user.password).await;

        answer.expect_problem(409, "conflict");
        assert_eq!(user.get(PATH).await.expect(200)["id"], user.id, "{change}");
    }
}

#[tokio::test]
async fn a_password_can_be_guessed_ten_times() {
    let service = service();
    let (user, other) = (service.new_user().await, service.new_user().await);
    for _ in 0..10 {
        delete(&user, "wrong password")
            .await
            .expect_invalid(&["/password"]);
    }

    let answer = delete(&user, &user.password).await;

    answer.expect_problem(429, "too-many-requests");
    let wait = answer.header("retry-after").map(str::parse);
    let wait: u32 = wait.expect("it is told").expect("it is a number");
    assert!((1..=900).contains(&wait), "{wait}");
    user.get(PATH).await.expect(200);
    delete(&other, &other.password).await.expect(204);
}

#[tokio::test]
async fn without_a_good_token_nobody_is_deleted() {
    let user = service().new_user().await;
    let body = json!({"password": user.password});
    let tampered = format!("{}AAAA", &user.token[..user.token.len() - 4]);
    for token in [None, Some("x"), Some(tampered.as_str())] {
        let mut call = user.service.call("DELETE", PATH).json(&body);
        if let Some(token) = token {
            call = call.token(token);
        }
        let answer = call.send().await;

        answer.expect_problem(401, "unauthorized");
    }
    user.get(PATH).await.expect(200);
}

#[tokio::test]
async fn a_deleted_user_cannot_be_deleted_again() {
    let user = service().new_user().await;
    delete(&user, &user.password).await.expect(204);

    let answer = delete(&user, &user.password).await;

    answer.expect_problem(401, "unauthorized");
}

/// Both requests lock the same rows in different orders, and PostgreSQL ends one.
#[tokio::test]
async fn a_refresh_during_a_deletion_hinders_neither() {
    let user = service().new_user().await;
    let held = user
        .hold(r#"select from account where "userId" = $1 for update"#)
        .await;

    let (deletion, refresh) = held
        .behind_each_other(
            delete(&user, &user.password),
            user.refresh(&user.refresh_token),
        )
        .await;

    deletion.expect(204);
    assert!([200, 401].contains(&refresh.status()), "{refresh:?}");
    assert_eq!(stored(&user).await, [0; 4]);
}

#[tokio::test]
async fn an_address_is_free_again_for_somebody_else() {
    let user = service().new_user().await;
    user.create("Gone").await;
    delete(&user, &user.password).await.expect(204);
    let body = json!({"name": "Bea", "email": user.email, "password": user.password});

    let register = user.service.post("/api/v1/auth/register").json(&body);
    let session = register.send().await.expect(201);

    assert_ne!(session["user"]["id"], user.id);
    let token = session["access_token"].as_str().expect("a token is text");
    let tasks = user.service.get("/api/v1/tasks").token(token).send().await;
    assert_eq!(tasks.expect(200)["total"], 0);
    let old = user.get("/api/v1/tasks").await;
    old.expect_problem(401, "unauthorized");
}

async fn delete(user: &TestUser, password: &str) -> Answer {
    let body: Value = json!({"password": password});
    user.call("DELETE", PATH).json(&body).send().await
}

/// The number of rows of a user: users, accounts, tasks, refresh tokens.
async fn stored(user: &TestUser) -> [usize; 4] {
    let rows = |select: &'static str| async { user.run(select).await.len() };
    [
        rows(r#"select from "user" where id = $1"#).await,
        rows(r#"select from account where "userId" = $1"#).await,
        user.stored().await.len(),
        rows("select from auth_refresh where user_id = $1").await,
    ]
}
