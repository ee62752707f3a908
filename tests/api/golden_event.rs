//! An event from AWS's own tool, with members that our stand-in for API Gateway
//! does not send. `.ci/run` makes the event again and compares:
//! `sam local generate-event apigateway http-api-proxy --method POST --path api/v1/tasks --body '{"title": "Golden"}'`

use std::fs;

use serde_json::{Value, json};
use testing::{Answer, service};

fn golden() -> Value {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/api/events/http-api-proxy.json"
    );
    let text = fs::read_to_string(file).expect("it is there");
    serde_json::from_str(&text).expect("it is JSON")
}

#[tokio::test]
async fn a_golden_event_creates_a_task() {
    let user = service().new_user().await;
    let mut event = golden();
    event["headers"]["authorization"] = json!(format!("Bearer {}", user.token));
    event["headers"]["content-type"] = json!("application/json");

    let answer = service().function("create-task").invoke(&event).await;

    let answer = Answer::read(&answer.expect("it answers")).expect("a response");
    assert_eq!(answer.status(), 201, "{answer:?}");
    let stored = service().stored_tasks_of(&user.id).await;
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0]["title"], "Golden");
}

#[tokio::test]
async fn every_function_takes_a_golden_event() {
    let routes = service();
    for route in routes.routes().iter() {
        let mut event = golden();
        let path = route.path.replace(['{', '}'], "");
        event["rawPath"] = json!(path);
        event["requestContext"]["http"]["path"] = json!(path);
        event["requestContext"]["http"]["method"] = json!(route.method);
        event["routeKey"] = json!(route.key());
        event["requestContext"]["routeKey"] = json!(route.key());

        let answer = service().function(&route.function).invoke(&event).await;

        let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", route.key()));
        let answer = Answer::read(&answer).expect("a response");
        assert!(answer.status() < 500, "{}: {answer:?}", route.key());
    }
}
