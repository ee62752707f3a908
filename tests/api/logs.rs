//! The log of a request, and things that it never contains.

use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{Service, path_of, until};

/// The lines about requests to one function.
fn request_lines(service: &Service, function: &str) -> Vec<Value> {
    service
        .function(function)
        .log()
        .iter()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("a line is JSON: {line}")))
        .filter(|line: &Value| line["message"] == "request")
        .collect()
}

#[tokio::test]
async fn each_request_leaves_one_line() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let task = user.create("Logged").await;
    let answer = user.get(&path_of(&task)).await;
    user.get("/api/v1/tasks/x")
        .await
        .expect_problem(400, "bad-request");

    until(async || request_lines(&service, "get-task").len() >= 2).await;
    let lines = request_lines(&service, "get-task");
    assert_eq!(lines.len(), 2);
    let line = &lines[0];
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["request_id"], json!(answer.header("x-request-id")));
    assert_eq!(line["function"], "get-task");
    assert_eq!(line["method"], "GET");
    assert_eq!(line["route"], "/api/v1/tasks/{task_id}");
    assert_eq!(
        (&line["status"], &line["cold"]),
        (&json!(200), &json!(true))
    );
    let (duration, database) = (line["duration_ms"].as_f64(), line["db_ms"].as_f64());
    assert!(database > Some(0.0) && duration > database, "{line}");
    assert_eq!(lines[1]["round_trips"], 0, "it never came so far");
    assert_eq!(
        (&lines[1]["status"], &lines[1]["cold"]),
        (&json!(400), &json!(false))
    );
    assert_eq!(lines[1]["problem"], "bad-request");
}

/// The stand-in sends a trace header with each invocation, as Lambda does.
#[tokio::test]
async fn a_line_has_the_trace_that_x_ray_knows() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    service.get("/health/ready").send().await.expect(200);
    service.stack.pooler().stop().expect("it ran");
    let answer = service.get("/health/ready").send().await;
    answer.expect_problem(503, "unavailable");

    until(async || request_lines(&service, "health").len() >= 2).await;
    let lines = request_lines(&service, "health");
    let trace = |line: &Value| line["trace_id"].as_str().map(str::to_owned);
    let id = trace(&lines[0]).expect("there is one");
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!((id.starts_with("1-"), parts), (true, vec![1, 8, 24]));
    assert_ne!(trace(&lines[1]), Some(id));
    let log = service.log();
    let failure = log.iter().find(|line| line.contains("\"failure\""));
    let failure = serde_json::from_str(failure.expect("it is logged")).expect("JSON");
    assert_eq!(trace(&failure), trace(&lines[1]));
}

/// The variables under `LoggingConfig: {LogFormat: JSON}`, with the lowest level.
/// Lambda then keeps a line that is a JSON object as it is.
#[tokio::test]
async fn every_line_is_an_object_of_ours_under_lambdas_json_format() {
    let mut service = Service::start(&StackOptions::default());
    service.set("AWS_LAMBDA_LOG_FORMAT", "JSON");
    service.set("AWS_LAMBDA_LOG_LEVEL", "DEBUG");
    let service = Arc::new(service);
    let user = service.new_user().await;
    user.create("Logged").await;
    user.get("/api/v1/tasks").await.expect(200);
    service.stack.pooler().stop().expect("it ran");
    user.get("/api/v1/tasks")
        .await
        .expect_problem(503, "unavailable");

    until(async || request_lines(&service, "list-tasks").len() >= 2).await;
    let levels = ["INFO", "WARN", "ERROR"];
    for line in service.log() {
        let parsed: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("a line is JSON: {line}"));
        let object = parsed.as_object().unwrap_or_else(|| panic!("{line}"));
        for member in ["timestamp", "level", "message"] {
            assert!(object[member].is_string(), "{member}: {line}");
        }
        assert!(levels.contains(&object["level"].as_str().unwrap_or_default()));
        if object["message"] == "request" {
            let members: Vec<&str> = object.keys().map(String::as_str).collect();
            for member in [
                "request_id",
                "function",
                "method",
                "route",
                "status",
                "duration_ms",
                "db_ms",
                "round_trips",
                "cold",
            ] {
                assert!(members.contains(&member), "{member}: {line}");
            }
        }
    }
}

#[tokio::test]
async fn no_line_has_a_secret_or_what_a_user_typed() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let title = "A title that nobody else may read";
    let task = user.create(title).await;
    user.patch(&path_of(&task), &json!({"title": 5, "description": title}))
        .await
        .expect_problem(422, "invalid");
    user.get(&format!("/api/v1/tasks?status={}", title.replace(' ', "+")))
        .await
        .expect_problem(422, "invalid");
    let wrong = json!({"email": user.email, "password": "wrong but secret"});
    service
        .post("/api/v1/auth/login")
        .json(&wrong)
        .send()
        .await
        .expect_problem(401, "unauthorized");
    service
        .post("/api/v1/auth/register")
        .json(&json!({"name": "Ann", "email": user.email, "password": user.password}))
        .send()
        .await
        .expect_problem(409, "conflict");
    let tampered = format!("{}AAAA", &user.token[..user.token.len() - 4]);
    service
        .get("/api/v1/tasks")
        .token(&tampered)
        .send()
        .await
        .expect_problem(401, "unauthorized");
    service.stack.pooler().stop().expect("it ran");
    user.get(&path_of(&task))
        .await
        .expect_problem(503, "unavailable");

    until(async || service.log().join("\n").contains(r#""status":503"#)).await;
    let log = service.log().join("\n");
    let database_password = service.stack.pooled_url();
    let database_password = database_password
        .split([':', '@'])
        .nth(2)
        .expect("a password");
    for secret in [
        user.email.as_str(),
        &user.password,
        &user.token,
        &tampered,
        "wrong but secret",
        title,
        database_password,
        "postgres://",
        "Bearer",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
