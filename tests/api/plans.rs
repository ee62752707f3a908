//! How PostgreSQL finds what is asked for: by an index that has the order
//! already, at any depth, under row-level security.

use std::fs;
use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};

use crate::harness::{Service, TestUser, path_of};

/// Of the user and of each of nine others.
const TASKS: i32 = 6_000;

#[tokio::test]
async fn what_is_asked_for_is_found_by_an_index_and_not_sorted() {
    let service = Arc::new(Service::start(&StackOptions {
        server_settings: vec![
            ("session_preload_libraries", "auto_explain"),
            ("auto_explain.log_min_duration", "0"),
            ("auto_explain.log_format", "json"),
        ],
        ..StackOptions::default()
    }));
    let user = service.new_user().await;
    service.fill(&user.id, TASKS).await;
    for _ in 0..9 {
        service.fill(&service.new_user().await.id, TASKS).await;
    }
    let tasks = user.get("/api/v1/tasks").await.expect(200);
    let task = path_of(&tasks["tasks"][0]);
    user.delete(&path_of(&tasks["tasks"][1])).await.expect(204);
    let owner = service.connect_as_owner().await;
    owner.batch_execute("analyze").await.expect("it may");

    let sorts = ["created_at", "updated_at", "due_date", "title"];
    let directions = ["", "-"];
    for sort in sorts
        .iter()
        .flat_map(|by| directions.map(|way| format!("{way}{by}")))
    {
        for filter in ["", "&q=task"] {
            walk(
                &user,
                &format!("/api/v1/tasks?limit=200&sort={sort}{filter}"),
                "cursor",
            )
            .await;
        }
    }
    walk(&user, "/api/v1/tasks?limit=200&status=pending", "cursor").await;
    walk(&user, "/api/v1/tasks/changes?limit=500", "since").await;
    walk(&user, "/api/v1/me/export?limit=200", "cursor").await;
    for request in [
        user.call("GET", &task),
        user.call("PATCH", &task).json(&json!({"title": "Changed"})),
        user.call("POST", &format!("{task}/toggle")),
        user.call("POST", "/api/v1/tasks/batch")
            .json(&json!({"operations": [{"op": "toggle", "id": tasks["tasks"][0]["id"]}]})),
        user.call("DELETE", &task),
    ] {
        let described = format!("{:?}", request.event().0["rawPath"]);
        let before = log(&service).len();
        request.send().await;
        expect_indexes(&service, before, &described);
    }
}

/// Reads to the end, and looks at the first page, one in the middle and the
/// last.
async fn walk(user: &TestUser, start: &str, name: &str) {
    let (mut path, mut page) = (start.to_owned(), 0);
    loop {
        let before = log(&user.service).len();
        let call = user.call("GET", &path).header("prefer", "count=none");
        let answer = call.send().await.expect(200);
        let next = match answer["has_more"] == false {
            true => None,
            false => answer[format!("next_{name}")].as_str().map(str::to_owned),
        };
        if page == 0 || page == 10 || next.is_none() {
            expect_indexes(&user.service, before, &format!("page {page} of {start}"));
        }
        let Some(next) = next else {
            assert!(page > 8, "{start} ends with page {page}");
            return;
        };
        path = format!("{start}&{name}={next}");
        page += 1;
    }
}

/// Holds the plans that the server has logged since `before` against the
/// rule.
fn expect_indexes(service: &Service, before: usize, request: &str) {
    let log = log(service);
    let plans = plans(&log[before..]);
    assert!(!plans.is_empty(), "{request} has no plan");
    for plan in plans {
        let nodes = nodes(&plan["Plan"]);
        let bad = |node: &&str| node.contains("Sort") || *node == "Seq Scan";
        let found: Vec<&&str> = nodes.iter().filter(|node| bad(node)).collect();
        assert!(found.is_empty(), "{request} has {found:?}: {plan:#}");
    }
}

fn log(service: &Service) -> String {
    let path = service.stack.directory().join("postgres.log");
    fs::read_to_string(path).expect("the server has a log")
}

/// The plans of statements on tasks: JSON in lines that begin with a tab.
fn plans(log: &str) -> Vec<Value> {
    log.split("plan:\n")
        .skip(1)
        .map(|entry| {
            let lines = entry.lines().take_while(|line| line.starts_with('\t'));
            let json: String = lines.collect();
            serde_json::from_str(&json).expect("the plan is JSON")
        })
        .filter(|plan: &Value| {
            let relations = relations(&plan["Plan"]);
            relations.iter().any(|name| name.contains("task"))
        })
        .collect()
}

fn nodes(plan: &Value) -> Vec<&str> {
    members_of(plan, "Node Type")
}

fn relations(plan: &Value) -> Vec<&str> {
    members_of(plan, "Relation Name")
}

/// This member of the plan and of all plans below it.
fn members_of<'p>(plan: &'p Value, name: &str) -> Vec<&'p str> {
    let below = plan["Plans"].as_array().into_iter().flatten();
    let own = plan[name].as_str().into_iter();
    own.chain(below.flat_map(|plan| members_of(plan, name)))
        .collect()
}
