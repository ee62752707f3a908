//! A new AUTH_SECRET during a deployment: for a while, functions sign with the old
//! secret and with the new one.

use std::process::Command;
use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::runtime_api::Function;
use testing::{Answer, Call, Service, binary};

/// The variables with another secret.
fn renewed(service: &Service) -> Vec<(String, String)> {
    let mut environment = service.environment().to_vec();
    environment.retain(|(name, _)| name != "AUTH_SECRET");
    environment.push((
        "AUTH_SECRET".into(),
        "another secret of 32 characters and more".into(),
    ));
    environment
}

fn migrate(environment: &[(String, String)]) {
    let mut migrate = Command::new(binary("migrate"));
    let migrate = migrate.env_clear().envs(environment.iter().cloned());
    assert!(migrate.status().is_ok_and(|status| status.success()));
}

async fn answer(function: &Function, call: Call<'_>) -> Value {
    let (event, _) = call.event();
    let answer = function.invoke(&event).await.expect("it answers");
    let answer = Answer::read(&answer).expect("a response");
    assert_eq!(answer.status(), 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn tokens_of_both_secrets_are_good_and_nobody_signs_in_again() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    user.get("/api/v1/tasks").await.expect(200);
    let environment = renewed(&service);
    migrate(&environment);
    let start = |name| Function::start(binary(name), &environment).expect("it starts");
    let (login, refresh) = (start("login"), start("refresh"));
    let credentials = json!({"email": user.email, "password": user.password});

    let new = answer(
        &login,
        service.post("/api/v1/auth/login").json(&credentials),
    )
    .await;
    let old = service
        .post("/api/v1/auth/login")
        .json(&credentials)
        .send()
        .await
        .expect(200);
    let kept = json!({"refresh_token": user.refresh_token});
    let refreshed = answer(&refresh, service.post("/api/v1/auth/refresh").json(&kept)).await;

    for session in [&new, &old, &refreshed] {
        let token = session["access_token"].as_str().expect("a token is text");
        let tasks = service.get("/api/v1/tasks").token(token).send().await;
        tasks.expect(200);
    }
    user.get("/api/v1/tasks").await.expect(200);
    let keys = service.get("/.well-known/jwks.json").send().await;
    assert_eq!(keys.expect(200)["keys"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_replaced_login_works_for_another_day_and_is_removed_then() {
    let service = Service::start(&StackOptions::default());
    let owner = service.connect_as_owner().await;
    let sign_in_roles = "
        select rolname::text, coalesce(rolvaliduntil, 'infinity') < now() + interval '2 days'
        from pg_roles
        where starts_with(rolname, 'todo_login_sign_in_')
        order by 2";
    let old = owner.query_typed(sign_in_roles, &[]).await.expect("select");
    let old: String = old[0].get(0);

    migrate(&renewed(&service));

    let roles = owner.query_typed(sign_in_roles, &[]).await.expect("select");
    let ends: Vec<bool> = roles.iter().map(|row| row.get(1)).collect();
    assert_eq!(ends, [false, true]);
    assert_eq!(roles[1].get::<_, String>(0), old);

    let expire = format!("alter role {old} valid until '2026-01-01'");
    owner.batch_execute(&expire).await.expect("the owner may");
    migrate(&renewed(&service));
    let roles = owner.query_typed(sign_in_roles, &[]).await.expect("select");
    assert_eq!(roles.len(), 1);
    assert_ne!(roles[0].get::<_, String>(0), old);
}
