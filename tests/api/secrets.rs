//! Values that no log line may contain.

use std::collections::BTreeSet;
use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{Service, TestUser, binary, eventually, path_of, refresh_token_of};

const WRONG: &str = "wrong but secret";
const NEW: &str = "new and more secret";
const NAME: &str = "Zoë Quartermaine";
const TITLE: &str = "A title that nobody else may read";
const DESCRIPTION: &str = "Nor what is written below it";

/// The number of requests in the round below.
const REQUESTS: usize = 22;

/// A round of requests of all kinds, some of which fail.
#[tokio::test]
async fn a_whole_round_leaves_no_secret_in_any_log() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let migration = service.stack.migrate(binary("migrate"));
    let migration = migration.expect("it may run again");
    let mut secrets = secrets_of(&service);

    let user = service.new_user().await;
    secrets.extend(known_of(&user));
    secrets.extend(hashes_of(&user).await);

    let wrong = user.try_password(WRONG).await;
    wrong.expect_problem(401, "unauthorized");
    let token = user.sign_in().await;
    let refreshed = user.refresh(&token).await.expect(200);
    secrets.extend([token.clone(), refresh_token_of(&refreshed)]);
    secrets.extend(parts_of(text(&refreshed, "access_token")));
    user.run("update auth_refresh set used_at = used_at - interval '1 minute' where user_id = $1")
        .await;
    let reuse = user.refresh(&token).await;
    reuse.expect_problem(401, "unauthorized");

    let taken = json!({"name": NAME, "email": user.email, "password": NEW});
    let register = service.post("/api/v1/auth/register").json(&taken);
    register.send().await.expect_problem(409, "conflict");
    let task = user
        .post(
            "/api/v1/tasks",
            &json!({"title": TITLE, "description": DESCRIPTION}),
        )
        .await
        .expect(201);
    let path = path_of(&task);
    user.get(&path).await.expect(200);
    let list = format!("/api/v1/tasks?status={}", TITLE.replace(' ', "+"));
    user.get(&list).await.expect_problem(422, "invalid");
    let broken = json!({"title": 5, "description": DESCRIPTION, NAME: TITLE});
    user.patch(&path, &broken)
        .await
        .expect_problem(422, "invalid");
    let tampered = format!("{}AAAA", &user.token[..user.token.len() - 4]);
    let refused = service.get(&path).token(&tampered).send().await;
    refused.expect_problem(401, "unauthorized");
    secrets.extend(parts_of(&tampered));

    let rename = user.patch("/api/v1/me", &json!({"name": NAME})).await;
    rename.expect(200);
    user.get("/api/v1/me").await.expect(200);
    for (status, current) in [(422, WRONG), (200, &user.password)] {
        let change = json!({"password": NEW, "current_password": current});
        user.patch("/api/v1/me", &change).await.expect(status);
    }
    user.try_password(NEW).await.expect(200);
    secrets.extend(hashes_of(&user).await);
    let logout = service.post("/api/v1/auth/logout");
    let logout = logout.json(&json!({"refresh_token": token})).send().await;
    logout.expect(204);

    for (status, password) in [(422, WRONG), (204, NEW)] {
        let delete = user.call("DELETE", "/api/v1/me");
        let delete = delete.json(&json!({"password": password})).send().await;
        delete.expect(status);
    }
    user.get(&path).await.expect_problem(401, "unauthorized");
    service.stack.pooler().stop().expect("it ran");
    let (login, get) = tokio::join!(user.try_password(NEW), user.get(&path));
    login.expect_problem(503, "unavailable");
    get.expect_problem(503, "unavailable");

    let log = log_of(&service, REQUESTS).await;
    for line in &log {
        let parsed: Result<Value, _> = serde_json::from_str(line);
        assert!(parsed.is_ok_and(|line| line.is_object()), "{line}");
    }
    for line in log.iter().chain([&migration]) {
        for secret in &secrets {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}

/// The secrets in the functions' environment, and the texts above.
fn secrets_of(service: &Service) -> BTreeSet<String> {
    let typed = [WRONG, NEW, NAME, TITLE, DESCRIPTION, "Quartermaine"];
    let mut secrets: BTreeSet<String> = typed.map(str::to_owned).into();
    for url in [service.stack.pooled_url(), service.stack.direct_url()] {
        let password = url.split([':', '@']).nth(2).expect("it has a password");
        secrets.insert(password.to_owned());
    }
    let environment = service.environment().iter();
    let of_functions = ["AUTH_SECRET", "ACCOUNTS_PASSWORD"];
    let values = environment.filter(|(name, _)| of_functions.contains(&name.as_str()));
    secrets.extend(values.map(|(_, value)| value.clone()));
    secrets.extend(["postgres://", "Bearer", "$argon2"].map(str::to_owned));
    assert_eq!(secrets.len(), 13);
    secrets
}

fn known_of(user: &TestUser) -> Vec<String> {
    let (local_part, _) = user.email.split_once('@').expect("it is an address");
    let mut known = parts_of(&user.token);
    known.extend([
        local_part.to_owned(),
        user.password.clone(),
        user.refresh_token.clone(),
    ]);
    known
}

/// The claims and the signature of an access token; its header is no secret.
fn parts_of(token: &str) -> Vec<String> {
    token.split('.').skip(1).map(str::to_owned).collect()
}

/// The stored hashes of passwords and tokens.
async fn hashes_of(user: &TestUser) -> Vec<String> {
    let select = r#"
        select password from account where "userId" = $1
        union all
        select encode(token_hash, 'hex') from auth_refresh where user_id = $1
        union all
        select rtrim(encode(token_hash, 'base64'), '=') from auth_refresh where user_id = $1"#;
    let rows = user.run(select).await;
    assert!(rows.len() >= 3);
    rows.iter().map(|row| row.get(0)).collect()
}

/// All lines, after so many requests have left theirs.
async fn log_of(service: &Service, requests: usize) -> Vec<String> {
    eventually(async || {
        let log = service.log();
        let lines = log.iter();
        let lines = lines.filter(|line| line.contains(r#""message":"request""#));
        (lines.count() >= requests).then_some(log)
    })
    .await
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().expect("it is text")
}
