//! Two locks on every row: the statement's own filter, and the policy. Each works
//! without the other.

use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{Service, TestUser, path_of, service, transaction_of, transaction_of_nobody};

/// Runs `sql`, which names no owner, in a transaction of `user`.
async fn without_a_filter(service: &Service, user: Option<&TestUser>, sql: &str) -> u64 {
    let mut client = service.connect_as_owner().await;
    let transaction = match user {
        Some(user) => transaction_of(&mut client, &user.id).await,
        None => transaction_of_nobody(&mut client).await,
    };
    let rows = transaction
        .execute_typed(sql, &[])
        .await
        .expect("the statement runs");
    transaction.rollback().await.expect("rollback");
    rows
}

#[tokio::test]
async fn a_statement_without_its_filter_reaches_only_the_users_own_rows() {
    let service = service();
    let (ann, bob) = (service.new_user().await, service.new_user().await);
    for title in ["One", "Two", "Three"] {
        ann.create(title).await;
    }
    bob.create("Own").await;

    for sql in [
        "select id from tasks",
        "update tasks set title = 'Taken over'",
        "delete from tasks",
    ] {
        assert_eq!(
            without_a_filter(&service, Some(&ann), sql).await,
            3,
            "{sql}"
        );
        assert_eq!(
            without_a_filter(&service, Some(&bob), sql).await,
            1,
            "{sql}"
        );
        assert_eq!(without_a_filter(&service, None, sql).await, 0, "{sql}");
    }
}

#[tokio::test]
async fn nobody_inserts_or_hands_over_a_row_of_another_user() {
    let service = service();
    let (ann, bob) = (service.new_user().await, service.new_user().await);
    bob.create("Own").await;
    for sql in [
        format!(
            "insert into tasks (id, user_id, title) values (gen_random_uuid(), '{}', 'Planted')",
            ann.id
        ),
        format!("update tasks set user_id = '{}'", ann.id),
    ] {
        let mut client = service.connect_as_owner().await;
        let transaction = transaction_of(&mut client, &bob.id).await;
        let refusal = transaction
            .execute_typed(&sql, &[])
            .await
            .expect_err("the policy refuses");
        assert_eq!(
            refusal.code().map(|state| state.code()),
            Some("42501"),
            "{sql}"
        );
    }
    assert_eq!(ann.stored().await, [] as [Value; 0]);
}

#[tokio::test]
async fn the_login_role_may_read_no_table() {
    let client = service().connect_as_login().await;
    for table in ["tasks", r#""user""#, "account", "auth_signing_key"] {
        let sql = format!("select from {table}");
        let refusal = client
            .query_typed(&sql, &[])
            .await
            .expect_err("it has no rights");
        assert_eq!(
            refusal.code().map(|state| state.code()),
            Some("42501"),
            "{table}"
        );
    }
}

#[tokio::test]
async fn with_the_policy_dropped_the_filter_still_holds() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let (ann, bob) = (service.new_user().await, service.new_user().await);
    let task = ann.create("Private").await;
    let owner = service.connect_as_owner().await;
    let drop =
        "drop policy tasks_of_the_caller on tasks; alter table tasks disable row level security";
    owner.batch_execute(drop).await.expect("the owner may");
    assert_eq!(
        without_a_filter(&service, Some(&bob), "select id from tasks").await,
        1,
        "the policy is gone"
    );

    let path = path_of(&task);
    let takeover = json!({"title": "Taken over"});
    bob.get(&path).await.expect_problem(404, "not-found");
    bob.patch(&path, &takeover)
        .await
        .expect_problem(404, "not-found");
    bob.put(&path, &takeover)
        .await
        .expect_problem(404, "not-found");
    bob.call("POST", &format!("{path}/toggle"))
        .send()
        .await
        .expect_problem(404, "not-found");
    bob.delete(&path).await.expect_problem(404, "not-found");
    assert_eq!(bob.get("/api/v1/tasks").await.expect(200)["total"], 0);
    assert_eq!(ann.get(&path).await.expect(200), task);
}
