//! A server process of PostgreSQL ends, or no server process is free.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use local::stack::StackOptions;
use serde_json::json;
use testing::proxy::Way;
use testing::{Service, path_of, until};

/// Ends the processes that serve the functions, as `pg_terminate_backend` and an
/// operator's `kill` do, and returns their number.
async fn end_backends(service: &Service) -> usize {
    let owner = service.connect_as_owner().await;
    let select = "select pid from pg_stat_activity where starts_with(usename, 'todo_login')";
    let rows = owner.query_typed(select, &[]).await.expect("it may");
    for row in &rows {
        let id: i32 = row.get(0);
        let ended = Command::new("kill").arg(id.to_string()).status();
        assert!(ended.is_ok_and(|status| status.success()));
    }
    rows.len()
}

/// Waits until a function waits for a lock.
pub async fn until_waiting(service: &Service) {
    let owner = service.connect_as_owner().await;
    let select = "select from pg_locks where not granted";
    until(async || {
        let waiting = owner.query_typed(select, &[]).await;
        !waiting.expect("it may").is_empty()
    })
    .await;
}

#[tokio::test]
async fn one_that_ends_between_two_requests_is_not_noticed() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let task = user.create("Kept").await;
    for _ in 0..3 {
        user.get(&path_of(&task)).await.expect(200);
        assert!(end_backends(&service).await > 0);
        user.get(&path_of(&task)).await.expect(200);
        assert!(end_backends(&service).await > 0);
        user.create("The next").await;
    }
}

#[tokio::test]
async fn one_that_ends_before_the_commit_has_done_nothing_and_is_replaced() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = Arc::new(service.new_user().await);
    let task = user.create("Changed once").await;
    let owner = service.connect_as_owner().await;
    let lock = "begin; lock table tasks in share mode";
    owner.batch_execute(lock).await.expect("it may");

    let request = {
        let (user, path) = (user.clone(), path_of(&task));
        tokio::spawn(async move { user.patch(&path, &json!({"title": "Changed"})).await })
    };
    until_waiting(&service).await;
    assert!(end_backends(&service).await > 0);
    until_waiting(&service).await;
    owner.batch_execute("commit").await.expect("commit");

    let changed = request.await.expect("it was answered").expect(200);
    assert_eq!(changed["version"], 2);
    assert_eq!(user.row_of(&changed).await["version"], 2);
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_commit_does_not_do_it_twice() {
    let mut service = Service::start(&StackOptions::default());
    let proxy = service.put_behind_a_proxy(Duration::ZERO);
    let user = Arc::new(service).new_user().await;
    let task = user.create("Changed once").await;
    let path = path_of(&task);
    user.patch(&path, &json!({})).await.expect(200);
    user.delete(&path_of(&user.create("Warm").await))
        .await
        .expect(204);

    // The answer does not arrive, and the transaction has ended.
    proxy.cut_behind(Way::Down, 0);
    let changed = user.patch(&path, &json!({"title": "Changed"})).await;
    assert_eq!(changed.expect(200)["version"], 2);
    proxy.cut_behind(Way::Down, 0);
    let replaced = user.put(&path, &json!({"title": "Replaced"})).await;
    assert_eq!(replaced.expect(200)["version"], 3);
    proxy.cut_behind(Way::Down, 0);
    user.delete(&path).await.expect(204);
    assert!(!proxy.call_off());
    user.delete(&path).await.expect_problem(404, "not-found");
}

#[tokio::test]
async fn an_answer_that_is_lost_stays_unknown_while_nobody_can_be_asked() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = Arc::new(service.new_user().await);
    let path = path_of(&user.create("Perhaps changed").await);
    let owner = service.connect_as_owner().await;
    let lock = "begin; lock table tasks in share mode";
    owner.batch_execute(lock).await.expect("it may");

    let request = {
        let (user, path) = (user.clone(), path.clone());
        tokio::spawn(async move { user.patch(&path, &json!({"title": "Changed"})).await })
    };
    until_waiting(&service).await;
    service.stack.pooler().kill().expect("it ran");
    let answer = request.await.expect("it was answered");
    answer.expect_problem(503, "outcome-unknown");

    owner.batch_execute("commit").await.expect("commit");
    service.stack.pooler().start().expect("it starts again");
    until(async || user.get(&path).await.status() == 200).await;
}

#[tokio::test]
async fn without_a_free_server_process_nothing_is_changed_and_it_is_said() {
    let service = Arc::new(Service::start(&StackOptions {
        server_settings: vec![("max_connections", "12")],
        ..StackOptions::default()
    }));
    let user = service.new_user().await;
    user.create("Before").await;
    service.stack.pooler().stop().expect("it ran");
    let mut taken = Vec::new();
    // PostgreSQL reserves three connections for superusers.
    for _ in 0..9 {
        taken.push(service.connect_as_owner().await);
    }
    service.stack.pooler().start().expect("it starts again");

    let answer = user
        .post("/api/v1/tasks", &json!({"title": "Refused"}))
        .await;
    answer.expect_problem(503, "unavailable");
    let answer = user.get("/api/v1/tasks").await;
    answer.expect_problem(503, "unavailable");

    drop(taken);
    until(async || user.get("/api/v1/tasks").await.status() == 200).await;
    let stored = user.stored().await;
    assert!(stored.iter().all(|row| row["title"] != "Refused"));
}
