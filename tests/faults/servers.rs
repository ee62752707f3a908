//! The database ends under load, and starts again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{Answer, Service, TestUser, path_of, transaction_of, until};
use tokio::task::JoinHandle;

const WRITERS: usize = 4;

/// The answers of the writers so far.
#[derive(Default)]
struct Tally {
    acknowledged: AtomicUsize,
    failed: AtomicUsize,
    done: AtomicBool,
}

impl Tally {
    /// Waits until a counter has grown by `count`.
    async fn more(&self, counter: impl Fn(&Self) -> &AtomicUsize, count: usize) {
        let goal = counter(self).load(Ordering::SeqCst) + count;
        until(async || counter(self).load(Ordering::SeqCst) >= goal).await;
    }

    /// Counts an answer, and asserts that a failure is one of those that are promised.
    fn count(&self, answer: &Answer) -> bool {
        if answer.status() < 300 {
            self.acknowledged.fetch_add(1, Ordering::SeqCst);
            return true;
        }
        let kind = match answer.json()["type"].as_str() {
            Some("/problems/outcome-unknown") => "outcome-unknown",
            _ => "unavailable",
        };
        answer.expect_problem(503, kind);
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
        self.failed.fetch_add(1, Ordering::SeqCst);
        false
    }
}

#[tokio::test]
async fn no_acknowledged_write_is_lost_when_the_pooler_and_the_database_are_killed() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = Arc::new(service.new_user().await);
    let toggled = user.create("Toggled").await;
    for _ in 1..WRITERS {
        service
            .function("create-task")
            .add_process()
            .expect("an environment starts");
    }
    let tally = Arc::new(Tally::default());
    let writers: Vec<JoinHandle<Vec<String>>> = (0..WRITERS)
        .map(|writer| tokio::spawn(create_until_done(writer, user.clone(), tally.clone())))
        .collect();
    let toggles = tokio::spawn(toggle_until_done(
        path_of(&toggled),
        user.clone(),
        tally.clone(),
    ));

    for server in [service.stack.pooler(), service.stack.postgres()] {
        tally.more(|it| &it.acknowledged, 40).await;
        server.kill().expect("it ran");
        tally.more(|it| &it.failed, 5).await;
        server.start().expect("it starts again");
        user.create("The next request after recovery").await;
    }
    tally.more(|it| &it.acknowledged, 40).await;
    tally.done.store(true, Ordering::SeqCst);

    let mut acknowledged_titles = Vec::new();
    for writer in writers {
        acknowledged_titles.extend(writer.await.expect("every answer was a promised one"));
    }
    let (acknowledged, unknown) = toggles.await.expect("every answer was a promised one");
    let stored = user.stored().await;
    for title in acknowledged_titles {
        let rows = stored.iter().filter(|task| task["title"] == title).count();
        assert_eq!(rows, 1, "{title} was acknowledged once");
    }
    let task = stored.iter().find(|task| task["id"] == toggled["id"]);
    let version = task
        .and_then(|task| task["version"].as_u64())
        .expect("a version");
    let changes = usize::try_from(version).expect("it is small") - 1;
    assert!(
        (acknowledged..=acknowledged + unknown).contains(&changes),
        "{acknowledged} toggles were acknowledged, {unknown} may have been made, {changes} were"
    );
}

/// Creates tasks and returns the titles of the acknowledged ones.
async fn create_until_done(writer: usize, user: Arc<TestUser>, tally: Arc<Tally>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if tally.done.load(Ordering::SeqCst) {
            break;
        }
        let title = format!("Number {number} of writer {writer}");
        let answer = user.post("/api/v1/tasks", &json!({"title": title})).await;
        if tally.count(&answer) {
            acknowledged.push(title);
        }
    }
    acknowledged
}

/// Toggles one task and returns the number of acknowledged toggles, and of those
/// with an unknown outcome.
async fn toggle_until_done(path: String, user: Arc<TestUser>, tally: Arc<Tally>) -> (usize, usize) {
    let (mut acknowledged, mut unknown) = (0, 0);
    while !tally.done.load(Ordering::SeqCst) {
        let answer = user.call("POST", &format!("{path}/toggle")).send().await;
        if tally.count(&answer) {
            acknowledged += 1;
        } else if answer.json()["type"] == "/problems/outcome-unknown" {
            unknown += 1;
        }
    }
    (acknowledged, unknown)
}

#[tokio::test]
async fn a_database_that_is_away_at_the_start_does_not_fail_the_start() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    service.stack.pooler().stop().expect("it ran");

    service.get("/health/live").send().await.expect(200);
    let not_ready = service.get("/health/ready").send().await;
    not_ready.expect_problem(503, "unavailable");
    assert!(not_ready.header("retry-after").is_some());
    let no_keys = user.get("/api/v1/tasks").await;
    no_keys.expect_problem(503, "unavailable");

    service.stack.pooler().start().expect("it starts again");
    service.get("/health/ready").send().await.expect(200);
    user.get("/api/v1/tasks").await.expect(200);
}

#[tokio::test]
async fn a_failure_shows_nothing_of_its_inside() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let owner = service.connect_as_owner().await;
    owner
        .batch_execute("alter table tasks rename column title to headline")
        .await
        .expect("the owner may");

    let answer = user.post("/api/v1/tasks", &json!({"title": "Lost"})).await;
    let problem = answer.expect_problem(500, "internal");
    let text = problem.to_string().to_lowercase();
    for inside in [
        "column",
        "42703",
        "sqlstate",
        "127.0.0.1",
        "postgres",
        "insert",
    ] {
        assert!(!text.contains(inside), "{text}");
    }
    assert!(answer.header("x-request-id").is_some());
    let logged = |line: &String| line.contains("42703") && line.contains(r#""level":"ERROR""#);
    until(async || service.log().iter().any(logged)).await;
    assert_eq!(user.stored().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_locked_row_is_503_and_says_that_nothing_was_changed() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let task = user.create("Locked").await;
    let mut locker = service.connect_as_owner().await;
    let lock = transaction_of(&mut locker, &user.id).await;
    lock.batch_execute("select from tasks for update")
        .await
        .expect("the row is locked");

    // The server gives up after 2 s, before the client does.
    let (event, function) = user
        .call("PATCH", &path_of(&task))
        .json(&json!({"title": "Changed"}))
        .event();
    let limit = Duration::from_secs(4);
    let answer = service
        .function(&function)
        .invoke_within(&event, limit)
        .await;
    let answer = answer.expect("it answers in time");
    assert_eq!(answer["statusCode"], 503, "{answer}");
    assert!(
        answer["body"]
            .as_str()
            .is_some_and(|body| body.contains("Nothing was changed"))
    );
    lock.rollback().await.expect("rollback");
    assert_eq!(user.get(&path_of(&task)).await.expect(200), task);
}
