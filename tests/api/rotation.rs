//! A new AUTH_SECRET while everything runs, as a deployment brings it: for a
//! while functions with the old one and with the new one sign side by side.

use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::runtime_api::Function;

use crate::harness::{Answer, Call, Service, binary};

/// The same function with another secret.
fn renewed(service: &Service, function: &str) -> Function {
    let mut environment = service.environment().to_vec();
    environment.retain(|(name, _)| name != "AUTH_SECRET");
    environment.push((
        "AUTH_SECRET".into(),
        "another secret of 32 characters and more".into(),
    ));
    Function::start(binary(function), &environment).expect("the function starts")
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
    let (login, refresh) = (renewed(&service, "login"), renewed(&service, "refresh"));
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
