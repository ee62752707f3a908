//! `POST /api/v1/auth/register`

use std::collections::BTreeMap;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{Answer, Service, is_utc_time, members, new_email, service};
use tokio::task::JoinSet;
use tokio_postgres::types::Type;

const PASSWORD: &str = "correct horse battery";

#[tokio::test]
async fn whoever_registers_is_signed_in() {
    let service = service();
    let email = new_email();
    let body = json!({"name": " Ann ", "email": email, "password": PASSWORD});

    let answer = register(&service, &body).await;

    let session = answer.expect(201);
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
    let user = &session["user"];
    assert_eq!(members(user), ["created_at", "email", "id", "name"]);
    assert_eq!(
        (&user["name"], &user["email"]),
        (&json!("Ann"), &json!(email))
    );
    assert!(is_utc_time(&user["created_at"]), "{user}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let stored = stored(&service, &email).await;
    assert_eq!(stored.len(), 1);
    assert_eq!(
        (&stored[0]["id"], &stored[0]["name"]),
        (&user["id"], &user["name"])
    );
    assert_eq!(stored[0]["emailVerified"], false);
}

#[tokio::test]
async fn a_new_token_works_at_once() {
    let service = service();
    let body = registration();
    let session = register(&service, &body).await.expect(201);
    let token = session["access_token"].as_str().expect("a token is text");

    let answer = service.get("/api/v1/tasks").token(token).send().await;

    assert_eq!(answer.expect(200)["total"], 0);
}

#[tokio::test]
async fn the_first_token_of_all_works_at_once() {
    let service = Service::start(&StackOptions::default());
    // The function has looked for keys before, and found none.
    service
        .get("/api/v1/tasks")
        .send()
        .await
        .expect_problem(401, "unauthorized");
    let session = register(&service, &registration()).await.expect(201);
    let token = session["access_token"].as_str().expect("a token is text");

    let answer = service.get("/api/v1/tasks").token(token).send().await;

    assert_eq!(answer.expect(200)["total"], 0);
}

#[tokio::test]
async fn the_account_is_of_better_auths_shape() {
    let service = service();
    let body = registration();
    let session = register(&service, &body).await.expect(201);

    let account = &stored(&service, text(&body, "email")).await[0];

    assert_eq!(account["providerId"], "credential");
    assert_eq!(account["userId"], session["user"]["id"]);
    assert_eq!(account["accountId"], session["user"]["id"]);
    let id = text(&session["user"], "id");
    assert_eq!(id.len(), 32);
    assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{id}");
}

#[tokio::test]
async fn a_password_is_hashed_and_in_no_answer() {
    let service = service();
    let body = registration();

    let answer = register(&service, &body).await;

    answer.expect(201);
    assert!(!answer.text().contains(PASSWORD));
    let account = &stored(&service, text(&body, "email")).await[0];
    let hash = text(account, "password");
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
    assert!(!account.to_string().contains(PASSWORD));
}

#[tokio::test]
async fn the_same_password_is_hashed_differently_for_each() {
    let service = service();
    let mut hashes = Vec::new();
    for _ in 0..2 {
        let body = registration();
        register(&service, &body).await.expect(201);
        let account = &stored(&service, text(&body, "email")).await[0];
        hashes.push(text(account, "password").to_owned());
    }
    assert_ne!(hashes[0], hashes[1]);
}

#[tokio::test]
async fn an_email_address_is_kept_in_lower_case() {
    let service = service();
    let email = new_email();
    let mut body = registration();
    body["email"] = json!(format!(" {} ", email.to_uppercase()));

    let session = register(&service, &body).await.expect(201);

    assert_eq!(session["user"]["email"], email);
    assert_eq!(stored(&service, &email).await[0]["email"], email);
}

#[tokio::test]
async fn an_email_address_has_one_account() {
    let service = service();
    let email = new_email();
    let mut body = registration();
    body["email"] = json!(email);
    let first = register(&service, &body).await.expect(201);
    for again in [
        email.clone(),
        email.to_uppercase(),
        email.replace("example", "eXample"),
    ] {
        let other = json!({"name": "Bob", "email": again, "password": "another password"});
        let answer = register(&service, &other).await;

        answer.expect_problem(409, "conflict");
        let stored = stored(&service, &email).await;
        assert_eq!(stored.len(), 1, "{again}");
        assert_eq!(
            (&stored[0]["id"], &stored[0]["name"]),
            (&first["user"]["id"], &json!("Ann"))
        );
    }
}

#[tokio::test]
async fn what_is_within_the_rules_is_taken() {
    let service = service();
    for (member, value) in [
        ("name", "🦀".repeat(200)),
        ("name", "Zoë O'Neil-Müller 待".to_owned()),
        ("email", new_email().replace('@', "+todo.o'neil_x-1@mail.")),
        (
            "email",
            format!(
                "{}@example.com",
                &new_email().repeat(2).replace(['@', '.'], "")[..64]
            ),
        ),
        ("password", "1234567&".to_owned()),
        ("password", " 123456 ".to_owned()),
        ("password", "🦀".repeat(8)),
        ("password", "🦀".repeat(128)),
    ] {
        let mut body = registration();
        body[member] = json!(value);
        let answer = register(&service, &body).await;

        assert_eq!(answer.status(), 201, "{body}: {answer:?}");
        let stored = stored(&service, text(&body, "email")).await;
        assert_eq!((stored.len(), &stored[0]["name"]), (1, &body["name"]));
    }
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named_and_nothing_is_stored() {
    let service = service();
    let long = |local: usize, domain: usize| {
        format!(
            "{}@{}.com",
            "a".repeat(local),
            "b.".repeat(domain / 2) + "b"
        )
    };
    for (changes, pointers) in [
        (json!({"name": ""}), &["/name"][..]),
        (json!({"name": " \t\u{3000}"}), &["/name"]),
        (json!({"name": "a".repeat(201)}), &["/name"]),
        (json!({"name": "An\0n"}), &["/name"]),
        (json!({"name": null}), &["/name"]),
        (json!({"name": 1}), &["/name"]),
        (json!({"email": ""}), &["/email"]),
        (json!({"email": "ann"}), &["/email"]),
        (json!({"email": "ann@"}), &["/email"]),
        (json!({"email": "@example.com"}), &["/email"]),
        (json!({"email": "ann@example"}), &["/email"]),
        (json!({"email": "ann@example..com"}), &["/email"]),
        (json!({"email": "ann@-example.com"}), &["/email"]),
        (json!({"email": "ann@[127.0.0.1]"}), &["/email"]),
        (json!({"email": "ann@127.0.0.1"}), &["/email"]),
        (json!({"email": "a@b@example.com"}), &["/email"]),
        (json!({"email": "ann smith@example.com"}), &["/email"]),
        (json!({"email": "Ann <ann@example.com>"}), &["/email"]),
        (
            json!({"email": "ann@example.com, bob@example.com"}),
            &["/email"],
        ),
        (
            json!({"email": "ann@example.com\nbcc: bob@example.com"}),
            &["/email"],
        ),
        (json!({"email": "ann\0@example.com"}), &["/email"]),
        (json!({"email": "änn@example.com"}), &["/email"]),
        (json!({"email": long(65, 10)}), &["/email"]),
        (json!({"email": long(10, 300)}), &["/email"]),
        (json!({"email": null}), &["/email"]),
        (json!({"email": ["ann@example.com"]}), &["/email"]),
        (json!({"password": ""}), &["/password"]),
        (json!({"password": "1234567"}), &["/password"]),
        (json!({"password": "🦀".repeat(7)}), &["/password"]),
        (json!({"password": "a".repeat(129)}), &["/password"]),
        (json!({"password": "12345678\0"}), &["/password"]),
        (json!({"password": null}), &["/password"]),
        (json!({"password": 12_345_678}), &["/password"]),
        (json!({"id": "chosen"}), &["/id"]),
        (json!({"emailVerified": true}), &["/emailVerified"]),
        (
            json!({"name": "", "email": "ann", "password": "short", "role": "admin"}),
            &["/name", "/email", "/password", "/role"],
        ),
    ] {
        let mut body = registration();
        for (member, value) in changes.as_object().expect("it is an object") {
            body[member] = value.clone();
        }
        let answer = register(&service, &body).await;

        assert_eq!(answer.status(), 422, "{body}: {answer:?}");
        answer.expect_invalid(pointers);
        assert!(!answer.text().contains(PASSWORD), "{body}");
        if let Some(email) = body["email"].as_str().filter(|email| !email.contains('\0')) {
            assert!(
                stored(&service, &email.to_lowercase()).await.is_empty(),
                "{body}"
            );
        }
    }
}

/// The lower case of the Kelvin sign is the k of ASCII: a careless service would
/// give a user the address of another.
#[tokio::test]
async fn the_kelvin_sign_is_not_taken_for_a_k() {
    let service = service();
    let email = format!("k{}", new_email());
    let mut body = registration();
    body["email"] = json!(email.replacen('k', "\u{212a}", 1));

    let answer = register(&service, &body).await;

    assert_eq!(answer.status(), 422, "{answer:?}");
    answer.expect_invalid(&["/email"]);
    assert!(stored(&service, &email).await.is_empty());
}

#[tokio::test]
async fn a_member_that_is_missing_is_named() {
    let service = service();
    for missing in [
        &["name"][..],
        &["email"],
        &["password"],
        &["name", "email", "password"],
    ] {
        let mut body = registration();
        let email = text(&body, "email").to_owned();
        for member in missing {
            body.as_object_mut()
                .expect("it is an object")
                .remove(*member);
        }
        let answer = register(&service, &body).await;

        let pointers: Vec<String> = missing.iter().map(|member| format!("/{member}")).collect();
        let pointers: Vec<&str> = pointers.iter().map(String::as_str).collect();
        answer.expect_invalid(&pointers);
        assert!(stored(&service, &email).await.is_empty(), "{missing:?}");
    }
}

#[tokio::test]
async fn what_is_not_one_json_object_is_refused() {
    let service = service();
    for (media_type, body, status) in [
        ("application/json", "", 400),
        ("application/json", "[]", 400),
        ("application/json", r#"{"name": "Ann", "name": "Bob"}"#, 400),
        ("application/x-www-form-urlencoded", "name=Ann", 415),
        ("text/plain", r#"{"name": "Ann"}"#, 415),
    ] {
        let call = service.post("/api/v1/auth/register");
        let answer = call.raw(media_type, body.as_bytes()).send().await;

        assert_eq!(answer.status(), status, "{body}: {answer:?}");
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
    }
}

#[tokio::test]
async fn of_concurrent_registrations_of_one_address_one_succeeds() {
    let service = service();
    let body = registration();
    for _ in 0..3 {
        let function = service.function("register");
        function.add_process().expect("another process starts");
    }

    let mut registrations = JoinSet::new();
    for _ in 0..8 {
        let (service, body) = (service.clone(), body.clone());
        registrations.spawn(async move { register(&service, &body).await });
    }
    let answers = registrations.join_all().await;

    let mut statuses = BTreeMap::new();
    for answer in &answers {
        *statuses.entry(answer.status()).or_insert(0) += 1;
    }
    assert_eq!(
        statuses,
        BTreeMap::from([(201, 1), (409, 7)]),
        "{answers:?}"
    );
    let stored = stored(&service, text(&body, "email")).await;
    assert_eq!(stored.len(), 1);
    let winner = answers.iter().find(|answer| answer.status() == 201);
    let winner = winner.expect("one succeeded").json();
    assert_eq!(stored[0]["id"], winner["user"]["id"]);
}

/// A good body with a new e-mail address.
fn registration() -> Value {
    json!({"name": "Ann", "email": new_email(), "password": PASSWORD})
}

async fn register(service: &Service, body: &Value) -> Answer {
    service
        .post("/api/v1/auth/register")
        .json(body)
        .send()
        .await
}

/// The users with this address in any case, each with its account.
async fn stored(service: &Service, email: &str) -> Vec<Value> {
    let select = r#"
        select (to_jsonb(account) || to_jsonb("user"))::text
        from "user"
        left join account on account."userId" = "user".id
        where lower(email) = $1"#;
    let client = service.connect_as_owner().await;
    let rows = client
        .query_typed(select, &[(&email, Type::TEXT)])
        .await
        .expect("select");
    let rows = rows.iter().map(|row| row.get(0));
    rows.map(|text| serde_json::from_str(text).expect("jsonb is JSON"))
        .collect()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().expect("it is text")
}

/// When Better Auth signs people up.
#[tokio::test]
async fn a_closed_registration_refuses_everybody_and_lets_users_sign_in() {
    let service = Service::start(&StackOptions::default());
    let service = std::sync::Arc::new(service);
    let user = service.new_user().await;
    let mut closed = Service::unmigrated(&StackOptions::default());
    for (name, value) in service.environment() {
        closed.set(name, value);
    }
    closed.set("REGISTRATION", "closed");
    let new = json!({"name": "Bob", "email": new_email(), "password": PASSWORD});

    let answer = register(&closed, &new).await;

    answer.expect_problem(403, "registration-closed");
    let known = json!({"name": "Ann", "email": user.email, "password": PASSWORD});
    let answer = register(&closed, &known).await;
    answer.expect_problem(403, "registration-closed");
    let login = json!({"email": user.email, "password": user.password});
    let call = closed.post("/api/v1/auth/login").json(&login);
    call.send().await.expect(200);
    let owner = service.connect_as_owner().await;
    let users = owner.query_typed_one(r#"select count(*) from "user""#, &[]);
    assert_eq!(users.await.expect("select").get::<_, i64>(0), 1);
}
