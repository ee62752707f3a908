//! `POST /api/v1/auth/login`

use serde_json::{Value, json};
use testing::{Answer, Service, members, new_email, service};
use tokio_postgres::types::Type;
use uuid::Uuid;

#[tokio::test]
async fn the_right_password_signs_in() {
    let service = service();
    let registered = register(&service, "correct horse").await;
    let email = &registered["user"]["email"];

    let answer = login(
        &service,
        &json!({"email": email, "password": "correct horse"}),
    )
    .await;

    let session = answer.expect(200);
    assert_eq!(
        members(&session),
        [
            "access_token",
            "expires_in",
            "refresh_token",
            "token_type",
            "user"
        ]
    );
    assert_eq!(
        (&session["token_type"], &session["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    assert_eq!(session["user"], registered["user"]);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(!answer.text().contains("correct horse"));
}

#[tokio::test]
async fn the_token_of_a_login_works_at_once() {
    let service = service();
    let user = service.new_user().await;
    let task = user.create("Buy milk").await;
    let body = json!({"email": user.email, "password": user.password});
    let session = login(&service, &body).await.expect(200);
    let token = session["access_token"].as_str().expect("a token is text");

    let answer = service.get("/api/v1/tasks").token(token).send().await;

    assert_eq!(answer.expect(200)["tasks"], json!([task]));
}

#[tokio::test]
async fn the_case_of_an_email_address_does_not_matter() {
    let service = service();
    let user = service.new_user().await;
    for email in [
        user.email.to_uppercase(),
        user.email.replace("example", "Example"),
        format!(" {}\n", user.email),
    ] {
        let answer = login(
            &service,
            &json!({"email": email, "password": user.password}),
        )
        .await;

        assert_eq!(answer.expect(200)["user"]["id"], user.id, "{email:?}");
    }
}

#[tokio::test]
async fn the_case_of_a_password_and_the_space_around_it_matter() {
    let service = service();
    let user = service.new_user().await;
    for password in [
        user.password.to_uppercase(),
        format!("{} ", user.password),
        format!(" {}", user.password),
        format!("{}x", user.password),
        user.password[1..].to_owned(),
    ] {
        let answer = login(
            &service,
            &json!({"email": user.email, "password": password}),
        )
        .await;

        answer.expect_problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn a_password_is_the_same_from_every_keyboard() {
    let service = service();
    for (chosen, typed) in [
        ("pässwörd".to_owned(), "pa\u{308}sswo\u{308}rd".to_owned()),
        ("pa\u{308}sswo\u{308}rd".to_owned(), "pässwörd".to_owned()),
        ("ﬁnal ﬁght".to_owned(), "final fight".to_owned()),
        ("１２３４５６７＆".to_owned(), "1234567&".to_owned()),
    ] {
        let registered = register(&service, &chosen).await;
        let email = &registered["user"]["email"];
        let answer = login(&service, &json!({"email": email, "password": typed})).await;

        assert_eq!(answer.status(), 200, "{chosen}: {answer:?}");
        assert_eq!(answer.json()["user"], registered["user"]);
    }
}

#[tokio::test]
async fn a_long_password_is_the_same_from_every_keyboard() {
    let service = service();
    let registered = register(&service, &"ä".repeat(128)).await;
    let typed = "a\u{308}".repeat(128);
    let body = json!({"email": registered["user"]["email"], "password": typed});

    let answer = login(&service, &body).await;

    assert_eq!(answer.expect(200)["user"], registered["user"]);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_refused_alike() {
    let service = service();
    let user = service.new_user().await;
    let wrong = json!({"email": user.email, "password": "wrong password"});
    let unknown = json!({"email": new_email(), "password": "wrong password"});

    let (wrong, unknown) = (
        login(&service, &wrong).await,
        login(&service, &unknown).await,
    );

    wrong.expect_problem(401, "unauthorized");
    assert_eq!(wrong.header("www-authenticate"), Some("Bearer"));
    assert_eq!(wrong.header("cache-control"), Some("no-store"));
    assert_eq!(refusal(&wrong), refusal(&unknown));
}

#[tokio::test]
async fn a_user_without_a_usable_password_is_refused_like_an_unknown_one() {
    let service = service();
    let unknown = json!({"email": new_email(), "password": "correct horse"});
    let unknown = login(&service, &unknown).await;
    unknown.expect_problem(401, "unauthorized");
    for account in [
        None,
        Some(("google", None)),
        Some(("google", Some("correct horse"))),
        Some(("credential", None)),
        Some(("credential", Some(""))),
        Some(("credential", Some("correct horse"))),
        Some(("credential", Some("$argon2id$v=19$m=19456,t=2,p=1$broken"))),
    ] {
        let email = store_user(&service, account).await;
        let answer = login(
            &service,
            &json!({"email": email, "password": "correct horse"}),
        )
        .await;

        assert_eq!(refusal(&answer), refusal(&unknown), "{account:?}");
    }
}

#[tokio::test]
async fn a_password_that_nobody_could_choose_today_is_just_wrong() {
    let service = service();
    let user = service.new_user().await;
    for password in ["x", "1234567", " "] {
        let answer = login(
            &service,
            &json!({"email": user.email, "password": password}),
        )
        .await;

        answer.expect_problem(401, "unauthorized");
    }
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named() {
    let service = service();
    for (body, pointers) in [
        (json!({}), &["/email", "/password"][..]),
        (json!({"email": new_email()}), &["/password"]),
        (json!({"password": "correct horse"}), &["/email"]),
        (
            json!({"email": "ann", "password": "correct horse"}),
            &["/email"],
        ),
        (
            json!({"email": "ann\0@example.com", "password": "correct horse"}),
            &["/email"],
        ),
        (
            json!({"email": null, "password": null}),
            &["/email", "/password"],
        ),
        (
            json!({"email": {"$ne": ""}, "password": {"$ne": ""}}),
            &["/email", "/password"],
        ),
        (
            json!({"email": new_email(), "password": ""}),
            &["/password"],
        ),
        (
            json!({"email": new_email(), "password": "correct\0horse"}),
            &["/password"],
        ),
        (
            json!({"email": new_email(), "password": "a".repeat(10_000)}),
            &["/password"],
        ),
        (
            json!({"email": new_email(), "password": "correct horse", "name": "Ann"}),
            &["/name"],
        ),
    ] {
        let answer = login(&service, &body).await;

        assert_eq!(answer.status(), 422, "{body}: {answer:?}");
        answer.expect_invalid(pointers);
        assert!(!answer.text().contains("correct horse"), "{body}");
    }
}

#[tokio::test]
async fn what_is_not_one_json_object_is_refused() {
    let service = service();
    for (media_type, body, status) in [
        ("application/json", "", 400),
        ("application/json", "[]", 400),
        (
            "application/json",
            r#"{"email": "ann@example.com", "email": "bob@example.com"}"#,
            400,
        ),
        ("application/x-www-form-urlencoded", "email=ann", 415),
    ] {
        let call = service.post("/api/v1/auth/login");
        let answer = call.raw(media_type, body.as_bytes()).send().await;

        assert_eq!(answer.status(), status, "{body}: {answer:?}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
    }
}

#[tokio::test]
async fn a_hash_that_is_weaker_than_todays_is_made_anew() {
    // The hash of "correct horse battery", with less memory and fewer passes.
    let weak = "$argon2id$v=19$m=8192,t=1,p=1$eVbqN5PeDD4pz8SFpLDfVQ$tHUt3BkMHSWFJwoZDQTwBTIO8pijoz2ztC0NwD92vuQ";
    let service = service();
    let registered = register(&service, "something else").await;
    let user = registered["user"]["id"].as_str().expect("an id");
    let owner = service.connect_as_owner().await;
    let sql = r#"update account set password = $1 where "userId" = $2"#;
    owner
        .execute(sql, &[&weak, &user])
        .await
        .expect("the owner may");
    let email = &registered["user"]["email"];
    let good = json!({"email": email, "password": "correct horse battery"});
    let stored = async || {
        let sql = r#"select password from account where "userId" = $1"#;
        let row = owner.query_one(sql, &[&user]).await.expect("it is there");
        row.get::<_, String>(0)
    };

    let bad = json!({"email": email, "password": "correct horse batterx"});
    assert_eq!(login(&service, &bad).await.status(), 401);
    assert_eq!(stored().await, weak);
    assert_eq!(login(&service, &good).await.status(), 200);
    let renewed = stored().await;
    assert!(
        renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{renewed}"
    );
    assert_eq!(login(&service, &good).await.status(), 200);
    assert_eq!(stored().await, renewed);
}

async fn login(service: &Service, body: &Value) -> Answer {
    service.post("/api/v1/auth/login").json(body).send().await
}

/// The session of a new user with this password.
async fn register(service: &Service, password: &str) -> Value {
    let body = json!({"name": "Ann", "email": new_email(), "password": password});
    let answer = service
        .post("/api/v1/auth/register")
        .json(&body)
        .send()
        .await;
    answer.expect(201)
}

/// Everything that a client sees of an answer.
fn refusal(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let headers = answer.headers().into_iter();
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    (answer.status(), answer.text(), headers.collect())
}

/// Stores a user who did not register here, with an account of some provider and
/// its password if given, and returns the e-mail address.
async fn store_user(service: &Service, account: Option<(&str, Option<&str>)>) -> String {
    let client = service.connect_as_owner().await;
    let (id, email) = (Uuid::new_v4().simple().to_string(), new_email());
    let insert = r#"
        insert into "user" (id, name, email, "emailVerified")
        values ($1, 'Ann', $2, true)"#;
    let parameters = [(&id as _, Type::TEXT), (&email as _, Type::TEXT)];
    client
        .query_typed(insert, &parameters)
        .await
        .expect("insert");
    if let Some((provider, password)) = account {
        let insert = r#"
            insert into account (id, "accountId", "providerId", "userId", password, "updatedAt")
            values ($1, $1, $2, $1, $3, now())"#;
        let parameters = [
            (&id as _, Type::TEXT),
            (&provider as _, Type::TEXT),
            (&password as _, Type::TEXT),
        ];
        client
            .query_typed(insert, &parameters)
            .await
            .expect("insert");
    }
    email
}
