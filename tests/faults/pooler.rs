//! An operator, or Neon, works on a pooler that serves requests: it reloads,
//! pauses, renews its connections, ends slow queries, and gives way to a new
//! process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use local::stack::StackOptions;
use serde_json::json;
use testing::{Service, TestUser, path_of, until};

use crate::processes::ServerCommand;

/// A user who creates and toggles without a pause.
struct Load {
    user: Arc<TestUser>,
    path: String,
    done: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
    writer: tokio::task::JoinHandle<Tally>,
}

#[derive(Default)]
struct Tally {
    created: Vec<String>,
    toggled: u64,
    unknown: u64,
    unavailable: u64,
}

impl Load {
    async fn start(service: &Arc<Service>) -> Self {
        let user = Arc::new(service.new_user().await);
        let path = path_of(&user.create("Toggled").await);
        let done = Arc::new(AtomicBool::new(false));
        let served = Arc::new(AtomicUsize::new(0));
        let writer = tokio::spawn(write(
            user.clone(),
            path.clone(),
            done.clone(),
            served.clone(),
        ));
        Self {
            user,
            path,
            done,
            served,
            writer,
        }
    }

    /// Waits for a few more requests to be served.
    async fn goes_on(&self) {
        let goal = self.served.load(Ordering::SeqCst) + 6;
        until(async || self.served.load(Ordering::SeqCst) >= goal).await;
    }

    /// Ends the load and compares the stored rows with the answers.
    async fn end(self) -> Tally {
        self.done.store(true, Ordering::SeqCst);
        let tally = self.writer.await.expect("every answer was a promised one");
        let stored = self.user.stored().await;
        for title in &tally.created {
            let rows = stored
                .iter()
                .filter(|task| task["title"] == **title)
                .count();
            assert_eq!(rows, 1, "{title} was acknowledged once");
        }
        let task = self.user.get(&self.path).await.expect(200);
        let toggles = task["version"].as_u64().expect("a number") - 1;
        assert!(
            (tally.toggled..=tally.toggled + tally.unknown).contains(&toggles),
            "{} toggles were acknowledged, {} may have been made, {toggles} were",
            tally.toggled,
            tally.unknown
        );
        tally
    }
}

async fn write(
    user: Arc<TestUser>,
    path: String,
    done: Arc<AtomicBool>,
    served: Arc<AtomicUsize>,
) -> Tally {
    let mut tally = Tally::default();
    let toggle = format!("{path}/toggle");
    for number in 0.. {
        if done.load(Ordering::SeqCst) {
            break;
        }
        let title = format!("Number {number}");
        let created = user.post("/api/v1/tasks", &json!({"title": title})).await;
        let toggled = user.call("POST", &toggle).send().await;
        for answer in [&created, &toggled] {
            if answer.status() < 300 {
                served.fetch_add(1, Ordering::SeqCst);
            } else if answer.json()["type"] == "/problems/outcome-unknown" {
                answer.expect_problem(503, "outcome-unknown");
                tally.unknown += 1;
            } else {
                answer.expect_problem(503, "unavailable");
                tally.unavailable += 1;
            }
        }
        tally.toggled += u64::from(toggled.status() < 300);
        if created.status() < 300 {
            tally.created.push(title);
        }
    }
    tally
}

async fn command(service: &Service, command: &str) {
    let [console, _] = service.stack.superuser_urls();
    let console = service.connect(&console).await;
    let done = console.batch_execute(command).await;
    done.unwrap_or_else(|refusal| panic!("{command}: {refusal:?}"));
}

#[tokio::test]
async fn a_pooler_that_reloads_pauses_and_renews_its_connections_fails_no_request() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    service.configure_pooler(
        "server_login_retry = 1",
        "server_login_retry = 1\nserver_lifetime = 1",
    );
    let load = Load::start(&service).await;
    for _ in 0..3 {
        command(&service, "reload").await;
        load.goes_on().await;
        command(&service, "pause").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        command(&service, "resume").await;
        load.goes_on().await;
        command(&service, "reconnect").await;
        load.goes_on().await;
    }
    let tally = load.end().await;
    assert_eq!((tally.unknown, tally.unavailable), (0, 0));
    assert!(tally.created.len() >= 9, "{}", tally.created.len());
}

#[tokio::test]
async fn a_query_that_the_pooler_ends_has_an_unknown_outcome() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = Arc::new(service.new_user().await);
    let path = path_of(&user.create("Toggled").await);
    service.configure_pooler(
        "server_login_retry = 1",
        "server_login_retry = 1\nquery_timeout = 1",
    );
    command(&service, "reload").await;
    let owner = service.connect_as_owner().await;
    let lock = "begin; lock table tasks in share mode";
    owner.batch_execute(lock).await.expect("it may");

    let toggled = user.call("POST", &format!("{path}/toggle")).send().await;

    toggled.expect_problem(503, "outcome-unknown");
    owner.batch_execute("commit").await.expect("commit");
    // PostgreSQL notices the closed connection, or makes the change once.
    let task = user.get(&path).await.expect(200);
    assert!(task["version"] == 1 || task["version"] == 2, "{task}");
}

#[tokio::test]
async fn a_pooler_without_a_free_connection_has_changed_nothing() {
    let service = Arc::new(Service::start(&StackOptions {
        pool_size: 1,
        ..StackOptions::default()
    }));
    service.configure_pooler("query_wait_timeout = 10", "query_wait_timeout = 1");
    command(&service, "reload").await;
    let user = service.new_user().await;
    let task = user.create("Toggled").await;
    let toggle = format!("{}/toggle", path_of(&task));
    user.call("POST", &toggle).send().await.expect(200);
    let holder = service.connect_as_login().await;
    holder.batch_execute("begin").await.expect("begin");

    let toggled = user.call("POST", &toggle).send().await;

    toggled.expect_problem(503, "unavailable");
    holder.batch_execute("rollback").await.expect("rollback");
    let task = user.get(&path_of(&task)).await.expect(200);
    assert_eq!(task["version"], 2);
}

#[tokio::test]
async fn a_pooler_that_is_taken_over_loses_nothing() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let directory = service.stack.directory().display().to_string();
    let pooler = service.stack.pooler();
    pooler.stop().expect("it ran");
    service.configure_pooler(
        "unix_socket_dir =",
        &format!("unix_socket_dir = {directory}"),
    );
    pooler.start().expect("it starts again");
    let load = Load::start(&service).await;
    load.goes_on().await;

    let mut successor = ServerCommand::new(&service, &local::tools::pgbouncer().expect("it runs"));
    successor
        .arg("-R")
        .arg(service.stack.directory().join("pgbouncer.ini"));
    let _successor = successor.spawn();

    until(async || !pooler.is_running()).await;
    load.goes_on().await;
    let tally = load.end().await;
    assert!(tally.created.len() >= 6, "{}", tally.created.len());
}
