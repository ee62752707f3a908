//! The ready check of `template.yaml`: a schedule sends the event, and an alarm
//! rings when its line is missing in the log.

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{Answer, Service, until};

const TEMPLATE: &str = include_str!("../../template.yaml");

/// The filter of the lines that CloudWatch counts.
const PATTERN: &str = r#"FilterPattern: '{ ($.message = "request") && ($.route = "/health/ready") && ($.status = 200) }'"#;

/// The event of EventBridge Scheduler, with its placeholder filled in.
fn event() -> Value {
    let (_, input) = TEMPLATE
        .split_once("        Input: >-\n")
        .expect("the schedule has an input");
    let lines: Vec<&str> = input
        .lines()
        .take_while(|line| line.starts_with("          "))
        .collect();
    let text = lines
        .join(" ")
        .replace("<aws.scheduler.execution-id>", "d32c5ee1");
    serde_json::from_str(&text).expect("the input is JSON")
}

#[tokio::test]
async fn the_scheduled_event_leaves_the_line_that_is_counted() {
    assert!(TEMPLATE.contains(PATTERN), "the pattern of the metric");
    let service = Service::start(&StackOptions::default());
    let health = service.function("health");

    let answer = health.invoke(&event()).await.expect("it answers");

    let answer = Answer::read(&answer).expect("a response");
    assert_eq!(answer.status(), 200);
    until(async || !lines(&health).is_empty()).await;
    let [line] = &lines(&health)[..] else {
        panic!("it leaves one line");
    };
    assert_eq!(line["route"], "/health/ready");
    assert_eq!(line["status"], json!(200));

    service.stack.pooler().stop().expect("it ran");
    let answer = health.invoke(&event()).await.expect("it answers");
    let answer = Answer::read(&answer).expect("a response");
    assert_eq!(answer.status(), 503);
    until(async || lines(&health).len() == 2).await;
    assert_eq!(
        lines(&health)[1]["status"],
        json!(503),
        "which is not counted"
    );
}

fn lines(function: &testing::runtime_api::Function) -> Vec<Value> {
    let lines = function.log();
    lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"))
        .filter(|line| line["message"] == "request")
        .collect()
}
