//! A connection is cut behind any byte of a call, in either direction: the one
//! between the function and the pooler, or the one between the pooler and
//! PostgreSQL, after the commit too.
//!
//! An acknowledged change is stored once; a change that is said not to be done
//! is not done; the next request works.

use std::sync::Arc;
use std::time::Duration;

use local::stack::StackOptions;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use testing::proxy::{Proxy, Way};
use testing::{Answer, Service, TestUser, id_of, path_of};
use uuid::Uuid;

/// The outcome that an answer tells the client.
#[derive(Debug, PartialEq)]
enum Heard {
    Done,
    NotDone,
    Unknown,
}

impl Heard {
    fn of(answer: &Answer) -> Self {
        if answer.status() < 300 {
            return Self::Done;
        }
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
        match answer.json()["type"].as_str() {
            Some("/problems/outcome-unknown") => {
                answer.expect_problem(503, "outcome-unknown");
                Self::Unknown
            }
            _ => {
                answer.expect_problem(503, "unavailable");
                Self::NotDone
            }
        }
    }

    /// Whether so many changes may be stored, if one was asked for.
    fn allows(&self, changes: u64) -> bool {
        match self {
            Self::Done => changes == 1,
            Self::NotDone => changes == 0,
            Self::Unknown => changes <= 1,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Operation {
    List,
    Create,
    CreateUnderAKey,
    Patch,
    PatchOfAVersion,
    Put,
    Toggle,
    ToggleOfAVersion,
    Delete,
    DeleteOfAVersion,
    Batch,
}

const OPERATIONS: [Operation; 11] = [
    Operation::List,
    Operation::Create,
    Operation::CreateUnderAKey,
    Operation::Patch,
    Operation::PatchOfAVersion,
    Operation::Put,
    Operation::Toggle,
    Operation::ToggleOfAVersion,
    Operation::Delete,
    Operation::DeleteOfAVersion,
    Operation::Batch,
];

/// A connection that can be cut.
#[derive(Clone, Copy, Debug)]
enum Between {
    FunctionAndPooler,
    PoolerAndServer,
}

/// A service whose connections can be cut.
struct Bench {
    user: TestUser,
    to_pooler: Proxy,
    to_server: Proxy,
}

impl Bench {
    async fn start() -> Self {
        let mut service = Service::start(&StackOptions::default());
        let to_server = service.put_postgres_behind_a_proxy();
        let to_pooler = service.put_behind_a_proxy(Duration::ZERO);
        let user = Arc::new(service).new_user().await;
        Self {
            user,
            to_pooler,
            to_server,
        }
    }

    fn proxy(&self, between: Between) -> &Proxy {
        match between {
            Between::FunctionAndPooler => &self.to_pooler,
            Between::PoolerAndServer => &self.to_server,
        }
    }

    /// Sends a request while the connection is cut behind a part of the bytes
    /// that went this way without a cut.
    async fn cut(&self, operation: Operation, between: Between, way: Way, part: f64) {
        let proxy = self.proxy(between);
        // A whole call of this kind: on a warm connection, and for a task whose
        // title is as long as that of the one below.
        let task = self.user.create("Whole").await;
        self.send(operation, &task, "whole").await;
        let task = self.user.create("Whole").await;
        proxy.reset();
        let key = Uuid::new_v4().to_string();
        let whole = self.send(operation, &task, &key).await;
        assert_eq!(Heard::of(&whole), Heard::Done);
        let bytes = proxy.bytes(way);

        let task = self.user.create("Split").await;
        let key = Uuid::new_v4().to_string();
        let behind = (bytes as f64 * part) as usize;
        proxy.cut_behind(way, behind);
        let answer = self.send(operation, &task, &key).await;
        assert!(!proxy.call_off(), "{operation:?} was not cut {between:?}");
        let heard = Heard::of(&answer);

        self.check(operation, &task, &key, &heard).await;
        self.user.create("Next").await;
        self.user.get("/api/v1/tasks?limit=1").await.expect(200);
    }

    async fn send(&self, operation: Operation, task: &Value, key: &str) -> Answer {
        let path = path_of(task);
        let named = json!({"title": key});
        let call = match operation {
            Operation::List => self.user.call("GET", "/api/v1/tasks?limit=1"),
            Operation::Create => self.user.call("POST", "/api/v1/tasks").json(&named),
            Operation::CreateUnderAKey => {
                let call = self.user.call("POST", "/api/v1/tasks").json(&named);
                call.header("idempotency-key", key)
            }
            Operation::Patch => self.user.call("PATCH", &path).json(&named),
            Operation::PatchOfAVersion => {
                let call = self.user.call("PATCH", &path).json(&named);
                call.header("if-match", "\"1\"")
            }
            Operation::Put => self.user.call("PUT", &path).json(&named),
            Operation::Toggle => self.user.call("POST", &format!("{path}/toggle")),
            Operation::ToggleOfAVersion => {
                let call = self.user.call("POST", &format!("{path}/toggle"));
                call.header("if-match", "\"1\"")
            }
            Operation::Delete => self.user.call("DELETE", &path),
            Operation::DeleteOfAVersion => {
                let call = self.user.call("DELETE", &path);
                call.header("if-match", "\"1\"")
            }
            Operation::Batch => {
                self.user
                    .call("POST", "/api/v1/tasks/batch")
                    .json(&json!({"operations": [
                        {"op": "create", "task": named},
                        {"op": "toggle", "id": id_of(task)},
                        {"op": "update", "id": id_of(task), "changes": {"description": key}},
                    ]}))
            }
        };
        call.send().await
    }

    /// Compares the stored rows with the outcome that the client was told.
    async fn check(&self, operation: Operation, task: &Value, key: &str, heard: &Heard) {
        let named = self.rows_named(key).await;
        let row = self.row_of(task).await;
        let changes = row.as_ref().map(|row| {
            let version = row["version"].as_u64().expect("a number");
            version - 1
        });
        match operation {
            Operation::List => assert_eq!(*heard, Heard::Done),
            Operation::Create => assert!(heard.allows(named), "{heard:?}, {named} rows"),
            Operation::CreateUnderAKey => {
                assert!(heard.allows(named), "{heard:?}, {named} rows");
                let replay = self.send(operation, task, key).await;
                assert_eq!(Heard::of(&replay), Heard::Done);
                assert_eq!(self.rows_named(key).await, 1);
            }
            Operation::Patch
            | Operation::PatchOfAVersion
            | Operation::Put
            | Operation::Toggle
            | Operation::ToggleOfAVersion => {
                let changes = changes.expect("nobody deleted it");
                assert!(heard.allows(changes), "{heard:?}, {changes} changes");
            }
            Operation::Delete | Operation::DeleteOfAVersion => {
                let deletions = u64::from(row.is_none());
                assert!(heard.allows(deletions), "{heard:?}, {deletions} deletions");
            }
            Operation::Batch => {
                let changes = changes.expect("nobody deleted it");
                assert!(heard.allows(named), "{heard:?}, {named} rows");
                assert_eq!(changes, 2 * named, "a part of the batch was done");
            }
        }
    }

    /// The number of created tasks with this title.
    async fn rows_named(&self, title: &str) -> u64 {
        let stored = self.user.stored().await;
        let named = stored
            .iter()
            .filter(|row| row["title"] == title && row["version"] == 1);
        named.count() as u64
    }

    async fn row_of(&self, task: &Value) -> Option<Value> {
        let stored = self.user.stored().await;
        stored.into_iter().find(|row| row["id"] == task["id"])
    }
}

#[test]
fn a_call_that_is_cut_anywhere_is_done_once_or_said_not_to_be() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let bench = runtime.block_on(Bench::start());
    let mut runner = TestRunner::new(Config {
        cases: cases(),
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    });
    let operation = prop::sample::select(OPERATIONS.to_vec());
    let between = vec![Between::FunctionAndPooler, Between::PoolerAndServer];
    let between = prop::sample::select(between);
    let way = prop::sample::select(vec![Way::Up, Way::Down]);
    // The first byte of an answer is the one after the commit.
    let part = prop_oneof![3 => 0.0..1.0f64, 1 => Just(0.0)];
    let cut = (operation, between, way, part);
    let held = runner.run(&cut, |(operation, between, way, part)| {
        runtime.block_on(bench.cut(operation, between, way, part));
        Ok::<_, TestCaseError>(())
    });
    held.expect("what was promised");
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(100)
}
