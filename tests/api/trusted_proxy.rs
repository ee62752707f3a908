//! A proxy in front of the API: nobody comes past it, and limits count the
//! people behind it.

use std::sync::Arc;

use local::stack::StackOptions;
use ring::digest::{SHA256, digest};
use serde_json::json;

use testing::{Answer, Service, TestUser, new_address, new_email, service};

const SECRET: &str = "hunter2 of the proxy";
const NEXT_SECRET: &str = "hunter3 of the proxy";

fn hash(secret: &str) -> String {
    let hash = digest(&SHA256, secret.as_bytes());
    hash.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn behind_a_proxy() -> Arc<Service> {
    let mut service = Service::start(&StackOptions::default());
    let hashes = format!("{},{}", hash(SECRET), hash(NEXT_SECRET));
    service.set("PROXY_SECRET_HASH", &hashes);
    Arc::new(service)
}

async fn sign_in(
    service: &Service,
    edge: &str,
    viewer: &str,
    email: &str,
    password: &str,
) -> Answer {
    service
        .post("/api/v1/auth/login")
        .json(&json!({"email": email, "password": password}))
        .source_address(edge)
        .header("x-proxy-secret", SECRET)
        .header("x-viewer-address", viewer)
        .send()
        .await
}

#[tokio::test]
async fn a_request_past_the_proxy_is_refused() {
    let service = behind_a_proxy();
    let new = json!({"name": "Ann", "email": new_email(), "password": "correct horse battery"});
    for secret in [None, Some(""), Some("hunter2"), Some(&*hash(SECRET))] {
        for call in [
            service.get("/health/ready"),
            service.get("/"),
            service.get("/api/v1/tasks"),
            service.post("/api/v1/auth/register").json(&new),
        ] {
            let call = match secret {
                Some(secret) => call.header("x-proxy-secret", secret),
                None => call,
            };
            call.send().await.expect_problem(403, "forbidden");
        }
    }
    let users = r#"select count(*) from "user""#;
    let owner = service.connect_as_owner().await;
    let row = owner.query_typed_one(users, &[]).await.expect("select");
    assert_eq!(row.get::<_, i64>(0), 0);
    assert!(!service.log().join("\n").contains("hunter"));
}

#[tokio::test]
async fn a_request_through_the_proxy_is_served_also_while_its_secret_changes() {
    let service = behind_a_proxy();
    for secret in [SECRET, NEXT_SECRET] {
        let new = json!({"name": "Ann", "email": new_email(), "password": "correct horse battery"});
        let call = service.post("/api/v1/auth/register").json(&new);
        let answer = call.header("x-proxy-secret", secret).send().await;
        answer.expect(201);
    }
}

#[tokio::test]
async fn behind_a_proxy_limits_count_people_and_not_edges() {
    let service = behind_a_proxy();
    let (guesser, edge) = ("198.51.100.7:46532", new_address());
    let email = new_email();
    for _ in 0..10 {
        let answer = sign_in(&service, &edge, guesser, &email, "wrong password").await;
        answer.expect_problem(401, "unauthorized");
    }

    let elsewhere = new_address();
    let throttled = sign_in(&service, &elsewhere, guesser, &email, "wrong password").await;
    let neighbour = sign_in(
        &service,
        &edge,
        "[2001:db8::7]:46532",
        &email,
        "wrong password",
    )
    .await;

    throttled.expect_problem(429, "too-many-requests");
    neighbour.expect_problem(401, "unauthorized");
}

#[tokio::test]
async fn without_a_proxy_nobody_chooses_an_address() {
    let user: TestUser = service().new_user().await;
    let address = new_address();
    for attempt in 0..10 {
        let viewer = format!("198.51.100.{attempt}");
        let answer = sign_in(&service(), &address, &viewer, &user.email, "wrong password").await;
        answer.expect_problem(401, "unauthorized");
    }

    let answer = sign_in(
        &service(),
        &address,
        "198.51.100.99",
        &user.email,
        "wrong password",
    )
    .await;

    answer.expect_problem(429, "too-many-requests");
}
