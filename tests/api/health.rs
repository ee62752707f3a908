//! `GET /health/live` and `GET /health/ready`

use local::stack::StackOptions;
use serde_json::json;
use testing::{Service, binary, service};

#[tokio::test]
async fn a_service_that_runs_is_live_and_ready() {
    for path in ["/health/live", "/health/ready"] {
        let answer = service().get(path).send().await;

        assert_eq!(answer.expect(200), json!({"status": "ok"}), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_service_without_its_tables_is_live_but_not_ready() {
    let service = Service::unmigrated(&StackOptions::default());

    let live = service.get("/health/live").send().await;
    let ready = service.get("/health/ready").send().await;

    assert_eq!(live.expect(200), json!({"status": "ok"}));
    ready.expect_problem(503, "unavailable");
    assert_eq!(ready.header("retry-after"), Some("2"));
    assert_eq!(ready.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn a_service_is_ready_as_soon_as_it_is_migrated() {
    let service = Service::unmigrated(&StackOptions::default());
    service
        .get("/health/ready")
        .send()
        .await
        .expect_problem(503, "unavailable");
    service
        .stack
        .migrate(binary("migrate"))
        .expect("the migrations apply");

    let answer = service.get("/health/ready").send().await;

    assert_eq!(answer.expect(200), json!({"status": "ok"}));
}
