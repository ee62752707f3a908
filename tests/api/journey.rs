//! The journey of `template.yaml`: what it does as a client, and the line that
//! an alarm misses.

use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::runtime_api::{Function, InvocationError};

use testing::{Service, binary, until};

const TEMPLATE: &str = include_str!("../../template.yaml");

const PASSWORD: &str = "64 letters and digits, hunter2 among them";

fn journey(service: &Service, api_url: &str) -> Function {
    let mut environment: Vec<(String, String)> = [
        ("API_URL", api_url),
        ("JOURNEY_EMAIL", "journey@todo-dev.example"),
        ("JOURNEY_PASSWORD", PASSWORD),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let roots = service.environment().iter();
    let roots = roots.filter(|(name, _)| name.starts_with("SSL_CERT"));
    environment.extend(roots.cloned());
    Function::start(binary("journey"), &environment).expect("it starts")
}

/// The event of the schedule is not read.
async fn make(function: &Function) -> Result<Value, InvocationError> {
    function.invoke(&json!({"version": "0"})).await
}

fn lines(function: &Function) -> Vec<Value> {
    let lines = function.log();
    lines
        .iter()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect()
}

async fn counts(service: &Service) -> [i64; 4] {
    // The owner of the tables sees no task.
    let reader = service.connect(&service.stack.superuser_urls()[1]).await;
    let row = reader
        .query_typed_one(
            r#"select
                (select count(*) from "user"),
                (select count(*) from tasks where deleted_at is null),
                (select count(*) from tasks where deleted_at is not null),
                (select count(*) from auth_refresh where revoked_at is null)"#,
            &[],
        )
        .await
        .expect("select");
    [0, 1, 2, 3].map(|column| row.get(column))
}

#[tokio::test]
async fn a_journey_leaves_its_account_and_the_line_that_is_counted() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let gateway = service.listen();
    let function = journey(&service, &gateway.origin());

    for journeys in 1..=2 {
        make(&function).await.expect("it succeeds");

        let [users, tasks, deleted, sessions] = counts(&service).await;
        assert_eq!((users, tasks, sessions), (1, 0, 0));
        assert_eq!(deleted, journeys, "each created a task and deleted it");
    }

    until(async || lines(&function).len() == 2).await;
    assert!(TEMPLATE.contains(r#"FilterPattern: '{ $.message = "journey completed" }'"#));
    for line in lines(&function) {
        assert_eq!(line["message"], "journey completed");
        assert!(line["duration_ms"].as_f64() > Some(0.0), "{line}");
    }
}

#[tokio::test]
async fn a_journey_that_fails_says_at_which_step_and_nothing_else() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let gateway = service.listen();
    let function = journey(&service, &gateway.origin());
    service.stack.pooler().stop().expect("it ran");

    let answer = make(&function).await;

    assert!(
        matches!(answer, Err(InvocationError::Failed { .. })),
        "{answer:?}"
    );
    until(async || !lines(&function).is_empty()).await;
    let line = &lines(&function)[0];
    assert_eq!(
        (&line["level"], &line["message"]),
        (&json!("ERROR"), &json!("journey failed"))
    );
    assert_eq!(
        line["cause"],
        "POST /api/v1/auth/login answered 503 Service Unavailable (/problems/unavailable)."
    );
    assert!(!function.log().join("\n").contains("hunter2"));
}

#[tokio::test]
async fn an_api_that_is_not_there_is_a_failed_journey() {
    let service = Arc::new(Service::unmigrated(&StackOptions::default()));
    let function = journey(&service, "http://127.0.0.1:9");

    let answer = make(&function).await;

    assert!(
        matches!(answer, Err(InvocationError::Failed { .. })),
        "{answer:?}"
    );
    until(async || !lines(&function).is_empty()).await;
    let cause = lines(&function)[0]["cause"].to_string();
    assert!(cause.contains("POST /api/v1/auth/login: "), "{cause}");
}
