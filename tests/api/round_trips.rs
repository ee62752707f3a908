//! One network round trip to the database per request, counted at the wire.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use local::stack::StackOptions;
use serde_json::json;
use testing::{Service, path_of};

#[tokio::test]
async fn each_operation_on_tasks_is_one_turn_on_a_warm_connection() {
    let mut service = Service::start(&StackOptions::default());
    // All bytes that are sent within the delay count as one turn: the count is
    // that of waits for answers.
    let proxy = service.put_behind_a_proxy(Duration::from_millis(20));
    let service = Arc::new(service);
    let user = service.new_user().await;
    let task = user.create("Counted").await;
    let path = path_of(&task);
    let long = json!({"title": "é".repeat(200), "description": "é".repeat(1000)});

    let create = json!({"op": "create", "task": long});
    let change = json!({"op": "update", "id": task["id"], "changes": {"completed": true}});
    let mut operations = vec![change; 70];
    operations.resize(100, create);
    let batch = json!({"operations": operations});

    let requests = [
        user.call("GET", "/api/v1/tasks"),
        user.call("GET", "/api/v1/tasks?status=pending&limit=1"),
        user.call("POST", "/api/v1/tasks").json(&long),
        user.call("POST", "/api/v1/tasks")
            .json(&long)
            .header("idempotency-key", "counted"),
        user.call("POST", "/api/v1/tasks")
            .json(&long)
            .header("idempotency-key", "counted"),
        user.call("GET", &path),
        user.call("GET", &path).header("if-none-match", "*"),
        user.call("PATCH", &path)
            .json(&json!({"status": "in_progress"})),
        user.call("PATCH", &path).json(&json!({})),
        user.call("PUT", &path).json(&long),
        user.call("POST", &format!("{path}/toggle")),
        user.call("PUT", &path).json(&long).header("if-match", "*"),
        user.call("POST", "/api/v1/tasks/batch").json(&batch),
        user.call("GET", "/api/v1/tasks/changes"),
        user.call("GET", "/api/v1/tasks/stats"),
        user.call("GET", "/api/v1/me/export"),
        user.call("DELETE", &path).header("if-match", "*"),
        user.call("DELETE", "/api/v1/tasks?completed=true"),
    ];
    let mut counted = BTreeSet::new();
    for request in requests {
        let (event, function) = request.event();
        counted.insert(function.clone());
        // The first invocation opens the connection and reads the keys.
        warm_up(&user, &function).await;
        proxy.reset();
        let answer = service
            .function(&function)
            .invoke(&event)
            .await
            .expect("it answers");
        let (status, turns) = (answer["statusCode"].as_u64(), proxy.turns());
        assert!(status.is_some_and(|status| status < 400), "{answer}");
        assert_eq!(
            (turns, proxy.connections()),
            (1, 0),
            "{function} {}",
            event["rawPath"]
        );
    }
    let routes = service.routes().iter();
    let of_tasks = routes.filter(|route| route.path.starts_with("/api/v1/tasks"));
    let of_tasks: BTreeSet<String> = of_tasks.map(|route| route.function.clone()).collect();
    let without: Vec<_> = of_tasks.difference(&counted).collect();
    assert!(without.is_empty(), "not counted: {without:?}");
}

/// Invokes `function` once, without a change to any task.
async fn warm_up(user: &testing::TestUser, function: &str) {
    let nothing = "/api/v1/tasks/00000000-0000-7000-8000-000000000000";
    let toggle = format!("{nothing}/toggle");
    let blank = json!({"title": "Warm"});
    let refused = json!({"operations": [{"op": "delete", "id": uuid::Uuid::nil()}]});
    let call = match function {
        "list-tasks" => user.call("GET", "/api/v1/tasks"),
        "create-task" => user.call("POST", "/api/v1/tasks").json(&blank),
        "get-task" => user.call("GET", nothing),
        "update-task" => user.call("PATCH", nothing).json(&blank),
        "toggle-task" => user.call("POST", &toggle),
        "delete-task" => user.call("DELETE", nothing),
        "batch-tasks" => user.call("POST", "/api/v1/tasks/batch").json(&refused),
        "list-changes" => user.call("GET", "/api/v1/tasks/changes"),
        "get-stats" => user.call("GET", "/api/v1/tasks/stats"),
        "export-me" => user.call("GET", "/api/v1/me/export"),
        "clear-completed" => user.call("DELETE", "/api/v1/tasks?completed=true"),
        _ => panic!("{function} is not a function on tasks"),
    };
    call.send().await;
}
