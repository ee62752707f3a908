//! `GET /api/v1/tasks/changes` while others write: transactions that commit
//! late, in another order than they began, or not at all.
//!
//! `CHANGES_POLLS` sets the number of polls; the default is 300.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;
use testing::{TestUser, id_of, service, transaction_of};
use tokio_postgres::Client;
use tokio_postgres::types::Type;
use uuid::Uuid;

const WRITERS: usize = 6;

/// The version of each task, by its id.
type Mirror = BTreeMap<String, i64>;

#[tokio::test]
async fn no_change_is_lost_while_transactions_commit_late_and_roll_back() {
    let user = Arc::new(service().new_user().await);
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| tokio::spawn(write(user.clone(), done.clone(), writer as u64)))
        .collect();
    let owner = user.service.connect_as_owner().await;

    let (mut mirror, mut since) = (Mirror::new(), None);
    let (mut control, mut naive) = (Mirror::new(), None);
    for _ in 0..polls() {
        poll(&user, &mut mirror, &mut since).await;
        naive = Some(poll_naively(&owner, &user.id, &mut control, naive).await);
    }
    done.store(true, Ordering::SeqCst);
    let mut committed = 0;
    for writer in writers {
        committed += writer.await.expect("it wrote");
    }
    poll(&user, &mut mirror, &mut since).await;
    poll_naively(&owner, &user.id, &mut control, naive).await;

    let stored: Mirror = user
        .stored()
        .await
        .iter()
        .map(|task| (id_of(task).to_owned(), version(task)))
        .collect();
    assert!(committed > WRITERS, "{committed} transactions");
    assert_eq!(mirror, stored, "after {committed} transactions");
    // The newest transaction of a moment is no mark: one that began before it
    // may commit after it. If this held, the test would prove nothing.
    assert_ne!(control, stored, "after {committed} transactions");
}

fn polls() -> usize {
    let polls = std::env::var("CHANGES_POLLS").ok();
    polls.and_then(|polls| polls.parse().ok()).unwrap_or(300)
}

/// Writes in transactions of a few calls until the polls are done, and returns
/// the number of commits.
async fn write(user: Arc<TestUser>, done: Arc<AtomicBool>, seed: u64) -> usize {
    let mut client = user.service.connect_as_owner().await;
    let mut chance = seed + 1;
    let mut one_of = |count: u64| {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (chance >> 33) % count
    };
    let mut committed = 0;
    while !done.load(Ordering::SeqCst) {
        let transaction = transaction_of(&mut client, &user.id).await;
        for _ in 0..=one_of(3) {
            let any = "(select id from tasks where deleted_at is null order by random() limit 1)";
            let id = &user.id;
            let call = match one_of(4) {
                0 => format!("todo.toggle_task('{id}', {any}, null)"),
                1 => format!("todo.delete_task('{id}', {any}, null)"),
                _ => format!(
                    "todo.create_task('{id}', '{}', 'Task', '', 'pending', null, null)",
                    Uuid::new_v4()
                ),
            };
            let call = format!("set local lock_timeout = '200ms'; select * from {call}");
            // When two writers want the same task, this one rolls back.
            if transaction.batch_execute(&call).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(one_of(20))).await;
        }
        let ended = match one_of(4) {
            0 => transaction.rollback().await,
            _ => transaction.commit().await.inspect(|()| committed += 1),
        };
        ended.expect("it ends");
    }
    committed
}

/// Polls until there are no more changes.
async fn poll(user: &TestUser, mirror: &mut Mirror, since: &mut Option<String>) {
    loop {
        let since_parameter = since
            .as_ref()
            .map_or(String::new(), |it| format!("&since={it}"));
        let path = format!("/api/v1/tasks/changes?limit=50{since_parameter}");
        let page = user.get(&path).await.expect(200);
        for task in page["tasks"].as_array().expect("a list") {
            mirror.insert(id_of(task).to_owned(), version(task));
        }
        for gone in page["deleted"].as_array().expect("a list") {
            mirror.remove(id_of(gone));
        }
        *since = page["next_since"].as_str().map(str::to_owned);
        if page["has_more"] == false {
            return;
        }
    }
}

/// Polls with the newest transaction as the mark, and returns the mark.
async fn poll_naively(owner: &Client, user: &str, mirror: &mut Mirror, since: Option<i64>) -> i64 {
    let sql = "
        select id::text, version, deleted_at is not null, pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        from todo.list_changes($1, coalesce($2, 0), null, null, null, 1000000)";
    let parameters = [(&user as _, Type::TEXT), (&since as _, Type::INT8)];
    let rows = owner.query_typed(sql, &parameters).await.expect("it may");
    for row in &rows {
        let (id, version): (Option<String>, Option<i32>) = (row.get(0), row.get(1));
        match (id, version) {
            (Some(id), _) if row.get(2) => {
                mirror.remove(&id);
            }
            (Some(id), Some(version)) => {
                mirror.insert(id, version.into());
            }
            // The row about this moment.
            _ => {}
        }
    }
    rows[0].get(3)
}

fn version(task: &Value) -> i64 {
    task["version"].as_i64().expect("a number")
}
