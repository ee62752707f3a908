//! The plans of PostgreSQL under row-level security: an index has the order
//! already, and the place of a cursor, at any depth. Only titles, times of
//! change, and changes since a moment are sorted in memory.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{Call, Service, TestUser, path_of};

/// The number of tasks of the user and of each of nine others.
const TASKS: i32 = 6_000;

#[tokio::test]
async fn what_is_asked_for_is_found_by_an_index_and_not_sorted() {
    let service = explaining_service();
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
            let list = format!("/api/v1/tasks?limit=200&sort={sort}{filter}");
            walk(&user, &list, "cursor", Sorting::of(&sort)).await;
        }
    }
    let pending = "/api/v1/tasks?limit=200&status=pending";
    walk(&user, pending, "cursor", Sorting::None).await;
    let changes = "/api/v1/tasks/changes?limit=500";
    walk(&user, changes, "since", Sorting::None).await;
    let export = "/api/v1/me/export?limit=200";
    walk(&user, export, "cursor", Sorting::None).await;
    for request in [
        user.call("GET", &task),
        user.call("PATCH", &task).json(&json!({"title": "Changed"})),
        user.call("POST", &format!("{task}/toggle")),
        user.call("POST", "/api/v1/tasks/batch")
            .json(&json!({"operations": [{"op": "toggle", "id": tasks["tasks"][0]["id"]}]})),
        user.call("DELETE", &task),
    ] {
        let described = format!("{:?}", request.event().0["rawPath"]);
        let before = log_size(&service);
        request.send().await;
        expect_indexes(&service, before, &described, Sorting::None);
    }
}

#[tokio::test]
async fn among_users_of_one_task_a_user_of_many_costs_no_more() {
    let service = explaining_service();
    let user = one_of_many_among_users_of_one(&service).await;
    let tasks = user.get("/api/v1/tasks?status=pending").await.expect(200);
    let task = path_of(&tasks["tasks"][0]);
    let toggle = json!({"op": "toggle", "id": tasks["tasks"][0]["id"]});

    for request in [
        user.call("GET", &task),
        user.call("PATCH", &task).json(&json!({"title": "Changed"})),
        user.call("POST", &format!("{task}/toggle")),
        user.call("POST", "/api/v1/tasks/batch")
            .json(&json!({"operations": [toggle]})),
        user.call("DELETE", &task),
    ] {
        expect_rows(&user, request, 10).await;
    }
}

/// As before migration 0017, and in tables that were never analyzed.
#[tokio::test]
async fn what_deletes_reads_no_task_again_and_again_whatever_the_planner_expects() {
    let service = explaining_service();
    let owner = service.connect_as_owner().await;
    let forget = "alter table tasks alter column user_id reset (n_distinct)";
    owner.batch_execute(forget).await.expect("it may");
    let user = one_of_many_among_users_of_one(&service).await;
    let tasks = user.get("/api/v1/tasks?status=pending").await.expect(200);

    // Looks for the last to clear, clears, and looks for old deletions, some of
    // these in several versions of a row.
    let clear = user.call("DELETE", "/api/v1/tasks?completed=true");
    expect_rows(&user, clear, 4 * TASKS).await;
    let delete = user.call("DELETE", &path_of(&tasks["tasks"][0]));
    expect_rows(&user, delete, 4 * TASKS).await;
}

/// A user of [`TASKS`] tasks, of whom the statistics do not know.
async fn one_of_many_among_users_of_one(service: &Arc<Service>) -> TestUser {
    let others = r#"
        do $$
        begin
            for number in 1..1000 loop
                insert into "user" (id, name, email, "emailVerified")
                values (number, '', number || '@example.com', true);
                perform set_config('todo.caller', number::text, true);
                set local role todo_user;
                insert into tasks (id, user_id, title) values (gen_random_uuid(), number, 'Task');
                reset role;
            end loop;
        end
        $$"#;
    let owner = service.connect_as_owner().await;
    owner.batch_execute(others).await.expect("insert");
    owner.batch_execute("analyze").await.expect("it may");
    let user = service.new_user().await;
    service.fill(&user.id, TASKS).await;
    user
}

async fn expect_rows(user: &TestUser, request: Call<'_>, at_most: i32) {
    let described = format!("{:?}", request.event().0["rawPath"]);
    let before = log_size(&user.service);
    let answer = request.send().await;
    assert!(answer.status() < 300, "{described}: {answer:?}");
    let plans = plans(&log_since(&user.service, before));
    let read: f64 = plans.iter().map(|plan| rows_read(&plan["Plan"])).sum();
    assert!(
        read <= f64::from(at_most),
        "{described} reads {read} rows: {plans:#?}"
    );
}

/// A service whose database logs the plans of all its statements.
fn explaining_service() -> Arc<Service> {
    Arc::new(Service::start(&StackOptions {
        server_settings: vec![
            ("session_preload_libraries", "auto_explain"),
            ("auto_explain.log_min_duration", "0"),
            ("auto_explain.log_nested_statements", "on"),
            ("auto_explain.log_analyze", "on"),
            ("auto_explain.log_timing", "off"),
            ("auto_explain.log_format", "json"),
        ],
        ..StackOptions::default()
    }))
}

/// Reads to the end, and checks the plans of the first page, one in the middle and
/// the last.
async fn walk(user: &TestUser, start: &str, name: &str, sorting: Sorting) {
    let (mut path, mut page) = (start.to_owned(), 0);
    loop {
        let before = log_size(&user.service);
        let call = user.call("GET", &path).header("prefer", "count=none");
        let answer = call.send().await.expect(200);
        let next = match answer["has_more"] == false {
            true => None,
            false => answer[format!("next_{name}")].as_str().map(str::to_owned),
        };
        if page == 0 || page == 10 || next.is_none() {
            let page = format!("page {page} of {start}");
            expect_indexes(&user.service, before, &page, sorting);
        }
        let Some(next) = next else {
            assert!(page > 8, "{start} ends with page {page}");
            return;
        };
        path = format!("{start}&{name}={next}");
        page += 1;
    }
}

/// The rows that may be sorted on the way to a page.
#[derive(Clone, Copy, PartialEq)]
enum Sorting {
    /// No rows.
    None,
    /// Two pages in their order, merged into one.
    TwoPages,
    /// All tasks of the user.
    All,
}

impl Sorting {
    fn of(sort: &str) -> Self {
        match sort.trim_start_matches('-') {
            "created_at" => Self::None,
            "due_date" => Self::TwoPages,
            _ => Self::All,
        }
    }

    /// Whether a sort of this plan is one of these.
    fn allows(self, sort: &Value) -> bool {
        match self {
            Self::None => false,
            Self::TwoPages => sort["Plans"][0]["Node Type"] == "Append",
            Self::All => true,
        }
    }
}

/// Checks the plans that the server has logged since `before`.
fn expect_indexes(service: &Service, before: u64, request: &str, sorting: Sorting) {
    let plans = plans(&log_since(service, before));
    assert!(!plans.is_empty(), "{request} has no plan");
    for plan in plans {
        let is_bad = |node: &&Value| match node["Node Type"].as_str() {
            Some("Seq Scan") => true,
            _ if sorting != Sorting::All && passes_over(node) => true,
            Some(name) => name.contains("Sort") && !sorting.allows(node),
            None => false,
        };
        let found = nodes(&plan["Plan"]).into_iter().find(is_bad);
        assert!(found.is_none(), "{request} has {found:?}: {plan:#}");
    }
}

/// Whether rows before a cursor are read and thrown away.
fn passes_over(node: &Value) -> bool {
    let filter = node["Filter"].as_str().unwrap_or_default();
    filter.contains("ROW(")
}

/// The rows that the scans of a plan have come across.
fn rows_read(plan: &Value) -> f64 {
    let number = |node: &Value, name: &str| node[name].as_f64().unwrap_or_default();
    nodes(plan)
        .into_iter()
        .filter(|node| node.get("Relation Name").is_some())
        .map(|node| {
            let rows = number(node, "Actual Rows") + number(node, "Rows Removed by Filter");
            rows * number(node, "Actual Loops")
        })
        .sum()
}

fn log(service: &Service) -> File {
    let path = service.stack.directory().join("postgres.log");
    File::open(path).expect("the server has a log")
}

fn log_size(service: &Service) -> u64 {
    let log = log(service).metadata();
    log.expect("the log is a file").len()
}

/// The log after its first `size` bytes: all of it has many megabytes.
fn log_since(service: &Service, size: u64) -> String {
    let (mut log, mut text) = (log(service), String::new());
    log.seek(SeekFrom::Start(size))
        .and_then(|_| log.read_to_string(&mut text))
        .expect("the log is text");
    text
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

/// The plan and all plans below it.
fn nodes(plan: &Value) -> Vec<&Value> {
    let below = plan["Plans"].as_array().into_iter().flatten();
    std::iter::once(plan).chain(below.flat_map(nodes)).collect()
}

fn relations(plan: &Value) -> Vec<&str> {
    let nodes = nodes(plan).into_iter();
    nodes
        .filter_map(|node| node["Relation Name"].as_str())
        .collect()
}
