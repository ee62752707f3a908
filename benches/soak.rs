//! Do memory and connections stay flat, and is every answer right, for long?
//!
//! `cargo bench --bench soak` lets 24 users work for three minutes on every
//! endpoint of tasks and accounts, each against a model of its own, and then
//! prints what each function's process holds; `-- 3600` takes an hour.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use local::stack::StackOptions;
use serde_json::{Value, json};
use uuid::Uuid;

use testing::{Service, TestUser, id_of, path_of};

const USERS: usize = 24;
const SECONDS: u64 = 180;

/// The part of the time before the first look. By then every process has served
/// every kind of request.
const SETTLED: f64 = 0.2;

const FUNCTIONS: [&str; 18] = [
    "batch-tasks",
    "clear-completed",
    "create-task",
    "delete-task",
    "export-me",
    "get-me",
    "get-stats",
    "get-task",
    "health",
    "jwks",
    "list-changes",
    "list-tasks",
    "login",
    "logout",
    "refresh",
    "register",
    "toggle-task",
    "update-task",
];

/// A user with a model of its tasks.
struct Worker {
    user: TestUser,
    tasks: BTreeMap<String, Value>,
    since: Option<String>,
    refresh_token: String,
    requests: Arc<AtomicUsize>,
}

impl Worker {
    /// Calls every endpoint once, and compares each answer with the model.
    async fn round(&mut self, number: usize) {
        let title = format!("Number {number} 🦀");
        let key = Uuid::new_v4().to_string();
        let body = json!({"title": title, "due_date": "2026-12-31"});
        let create = || {
            let call = self.user.call("POST", "/api/v1/tasks").json(&body);
            call.header("idempotency-key", &key).send()
        };
        let created = create().await.expect(201);
        assert_eq!(create().await.expect(200), created);
        let path = path_of(&created);
        assert_eq!(self.user.get(&path).await.expect(200), created);
        let changed = self.user.patch(&path, &json!({"description": title})).await;
        let changed = changed.expect(200);
        assert_eq!(
            (&changed["description"], &changed["version"]),
            (&created["title"], &json!(2))
        );
        let toggle = self.user.call("POST", &format!("{path}/toggle"));
        let toggled = toggle.header("if-match", "\"2\"").send().await.expect(200);
        assert_eq!(toggled["completed"], true);
        self.tasks.insert(id_of(&created).to_owned(), toggled);
        self.batch(number).await;
        if number.is_multiple_of(3) {
            self.user.delete(&path).await.expect(204);
            self.tasks.remove(id_of(&created));
        }
        if number.is_multiple_of(5) {
            let before = self.tasks.len();
            self.tasks.retain(|_, task| task["completed"] == false);
            let gone = before - self.tasks.len();
            let cleared = self.user.delete("/api/v1/tasks?completed=true").await;
            assert_eq!(cleared.expect(200), json!({ "deleted": gone }));
        }
        self.read_all().await;
        self.sign_in_again(number).await;
        self.requests.fetch_add(16, Ordering::Relaxed);
    }

    async fn batch(&mut self, number: usize) {
        let oldest = self.tasks.keys().next().cloned();
        let oldest = oldest.expect("one was just created");
        let operations = json!({"operations": [
            {"op": "create", "task": {"title": format!("Of batch {number}")}},
            {"op": "update", "id": oldest, "changes": {"title": "The oldest"}},
        ]});
        let answer = self.user.post("/api/v1/tasks/batch", &operations).await;
        for result in answer.expect(200)["results"].as_array().expect("a list") {
            let task = &result["task"];
            self.tasks.insert(id_of(task).to_owned(), task.clone());
        }
    }

    async fn read_all(&mut self) {
        let list = self.user.get("/api/v1/tasks?limit=200&sort=title").await;
        let list = list.expect(200);
        assert_eq!(list["total"], json!(self.tasks.len()));
        for task in list["tasks"].as_array().expect("a list") {
            assert_eq!(self.tasks[id_of(task)], *task);
        }
        let stats = self.user.get("/api/v1/tasks/stats").await.expect(200);
        assert_eq!(stats["total"], json!(self.tasks.len()));
        let export = self
            .user
            .get("/api/v1/me/export?limit=50")
            .await
            .expect(200);
        assert_eq!(
            export["user"],
            self.user.get("/api/v1/me").await.expect(200)
        );
        let since = self.since.as_deref().unwrap_or_default();
        let query = if since.is_empty() {
            String::new()
        } else {
            format!("?since={since}")
        };
        let changes = self
            .user
            .get(&format!("/api/v1/tasks/changes{query}"))
            .await;
        let changes = changes.expect(200);
        for task in changes["tasks"].as_array().expect("a list") {
            assert_eq!(self.tasks[id_of(task)], *task);
        }
        self.since = changes["next_since"].as_str().map(str::to_owned);
    }

    /// Refreshes the session in each round, and signs in seldom: sign-ins are throttled.
    async fn sign_in_again(&mut self, number: usize) {
        let session = self.user.refresh(&self.refresh_token).await.expect(200);
        self.refresh_token = testing::refresh_token_of(&session);
        self.user.token = session["access_token"]
            .as_str()
            .expect("a token")
            .to_owned();
        if number % 50 == 49 {
            let body = json!({"refresh_token": self.refresh_token});
            let logout = self.user.service.post("/api/v1/auth/logout");
            logout.json(&body).send().await.expect(204);
            self.refresh_token = self.user.sign_in().await;
        }
        self.user
            .service
            .get("/health/ready")
            .send()
            .await
            .expect(200);
        self.user
            .service
            .get("/.well-known/jwks.json")
            .send()
            .await
            .expect(200);
    }
}

/// The resident memory of each process in KiB, and its open files and sockets.
fn holdings(service: &Service) -> BTreeMap<&'static str, (u64, usize)> {
    let mut all = BTreeMap::new();
    for name in FUNCTIONS {
        let [process] = service.function(name).process_ids()[..] else {
            panic!("{name} has lost its process");
        };
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it lives");
        let line = status.lines().find(|line| line.starts_with("VmRSS"));
        let memory = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        let files = fs::read_dir(format!("/proc/{process}/fd")).expect("it lives");
        all.insert(name, (memory.expect("a number"), files.count()));
    }
    all
}

async fn connections(service: &Service) -> i64 {
    let owner = service.connect_as_owner().await;
    let count = "select count(*) from pg_stat_activity where usename like 'todo\\_login%'";
    let row = owner.query_typed_one(count, &[]).await;
    row.expect("it may").get(0)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let seconds = std::env::args().find_map(|argument| argument.parse().ok());
    let length = Duration::from_secs(seconds.unwrap_or(SECONDS));
    let service = Arc::new(Service::start(&StackOptions::default()));
    let requests = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut workers = Vec::new();
    for _ in 0..USERS {
        let user = service.new_user().await;
        let mut worker = Worker {
            refresh_token: user.refresh_token.clone(),
            user,
            tasks: BTreeMap::new(),
            since: None,
            requests: requests.clone(),
        };
        workers.push(tokio::spawn(async move {
            for number in 0.. {
                if started.elapsed() > length {
                    break;
                }
                worker.round(number).await;
            }
            assert_eq!(worker.user.stored().await.len(), worker.tasks.len());
        }));
    }
    tokio::time::sleep(length.mul_f64(SETTLED)).await;
    let (early, early_connections) = (holdings(&service), connections(&service).await);
    for worker in workers {
        worker.await.expect("every answer was right");
    }
    let (late, late_connections) = (holdings(&service), connections(&service).await);

    println!(
        "{} requests of {USERS} users in {} s, every answer held against a model; \
         PostgreSQL connections: {early_connections} after {:.0} s, {late_connections} at the end\n",
        requests.load(Ordering::Relaxed),
        length.as_secs(),
        length.mul_f64(SETTLED).as_secs_f64(),
    );
    println!("| function | memory early, MiB | memory late, MiB | open files early | late |");
    println!("|---|--:|--:|--:|--:|");
    for (name, (memory, files)) in &early {
        let (late_memory, late_files) = late[name];
        let mib = |kib: u64| kib as f64 / 1024.0;
        println!(
            "| {name} | {:.1} | {:.1} | {files} | {late_files} |",
            mib(*memory),
            mib(late_memory)
        );
    }
}
