//! The custom resource and the journey, which serve no request.

use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{ResponseUrl, Service, binary, until};

use crate::{LIMIT, emulate};

fn event(request_type: &str, response_url: &str) -> Value {
    json!({
        "RequestType": request_type,
        "ResponseURL": response_url,
        "StackId": "arn:aws:cloudformation:eu-central-1:123456789012:stack/todo-dev/51af3dc0",
        "RequestId": "5478764d-9f8a-4a4b-9d3b-5d3d6a4a8f0c",
        "LogicalResourceId": "Migrations",
        "ResourceProperties": {"Version": "11"},
    })
}

#[tokio::test]
async fn cloudformation_is_answered_the_same_as_under_the_stand_in() {
    let service = Service::unmigrated(&StackOptions::default());
    let emulator = emulate(&binary("migrate"), service.environment(), LIMIT);
    let stand_in = service.function("migrate");
    for request_type in ["Create", "Update", "Delete", "Repair"] {
        let (first, second) = (ResponseUrl::start(&[]), ResponseUrl::start(&[]));

        let emulated = emulator.invoke(&event(request_type, &first.url())).await;
        let stood_in = stand_in.invoke(&event(request_type, &second.url())).await;

        assert_eq!(emulated, stood_in, "{request_type}");
        let (emulated, stood_in) = (first.requests(), second.requests());
        assert_eq!(emulated.len(), 1, "{request_type}");
        assert_eq!(emulated[0].body, stood_in[0].body, "{request_type}");
        let status = if request_type == "Repair" {
            "FAILED"
        } else {
            "SUCCESS"
        };
        assert_eq!(emulated[0].body["Status"], status);
    }
    service.get("/health/ready").send().await.expect(200);
}

#[tokio::test]
async fn a_journey_is_made() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let gateway = service.listen();
    let mut environment = service.environment().to_vec();
    for (name, value) in [
        ("API_URL", &*gateway.origin()),
        ("JOURNEY_EMAIL", "journey@todo-dev.example"),
        ("JOURNEY_PASSWORD", "correct horse battery"),
    ] {
        environment.push((name.to_owned(), value.to_owned()));
    }
    let emulator = emulate(&binary("journey"), &environment, LIMIT);

    let answer = emulator.invoke(&json!({})).await;

    assert_eq!(answer, Ok(Value::Null));
    until(async || emulator.log().join("\n").contains("journey completed")).await;
}
