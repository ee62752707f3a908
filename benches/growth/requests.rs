//! The requests that are measured.

use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Value, json};
use testing::runtime_api::Function;

use testing::measuring::release;
use testing::{Service, transaction_of};

pub const NAMES: [&str; 10] = [
    "get",
    "list, first page",
    "list, middle page",
    "list, last page",
    "list, by due date",
    "list, by title",
    "list, by change",
    "count (total)",
    "search (q)",
    "create",
];

const PAGE: usize = 50;

/// The page size for walking, as large as possible.
const LONG_PAGE: usize = 200;

const TITLE_OF_NEW: &str = "New in a grown table";

/// A text that is in no title.
const SOUGHT: &str = "sought%20and%20not%20found";

/// The functions, running or to be started.
pub struct Functions<F = Function> {
    get: F,
    list: F,
    create: F,
}

impl Functions<PathBuf> {
    pub fn build() -> Self {
        let names = ["get-task", "list-tasks", "create-task"];
        let release = release::build(&names);
        let [get, list, create] = names.map(|name| release.join(name));
        Self { get, list, create }
    }

    pub fn start(self, service: &Service) -> Functions {
        let start = |path: PathBuf| {
            let function = Function::start(&path, service.environment());
            function.expect("the function starts")
        };
        Functions {
            get: start(self.get),
            list: start(self.list),
            create: start(self.create),
        }
    }
}

impl Functions {
    /// The function that serves a request of [`NAMES`].
    fn of(&self, request: usize) -> &Function {
        match NAMES[request] {
            "get" => &self.get,
            "create" => &self.create,
            _ => &self.list,
        }
    }
}

/// A user with the events of all requests.
pub struct Reader {
    events: Vec<Value>,
}

impl Reader {
    /// Walks to the middle and to the end of the user's list.
    pub async fn new(service: &Service, functions: &Functions, token: &str, tasks: i32) -> Self {
        let read = |query: &str| {
            let call = service.get(&format!("/api/v1/tasks?{query}"));
            call.token(token).header("prefer", "count=none").event().0
        };
        let page = |limit: usize, cursor: &Option<String>| {
            let cursor = cursor.as_ref().map(|cursor| format!("&cursor={cursor}"));
            read(&format!("limit={limit}{}", cursor.unwrap_or_default()))
        };
        let body_of = async |event: &Value| {
            let answer = functions.list.invoke(event).await.expect("it answers");
            let body = answer["body"].as_str().expect("it has a body");
            serde_json::from_str::<Value>(body).expect("it is JSON")
        };
        let next = |body: &Value| body["next_cursor"].as_str().map(str::to_owned);

        let tasks = usize::try_from(tasks).expect("it is a number of tasks");
        let (mut at, mut cursor, mut middle) = (0, None, page(PAGE, &None));
        // The walk ends one page before the end, so that the last page is whole.
        while at + PAGE < tasks {
            let step = LONG_PAGE.min(tasks - PAGE - at);
            cursor = next(&body_of(&page(step, &cursor)).await);
            at += step;
            if at <= tasks / 2 {
                middle = page(PAGE, &cursor);
            }
        }
        let last = page(PAGE, &cursor);
        let body = body_of(&last).await;
        assert_eq!(next(&body), None, "this is the last page");

        let id = body["tasks"][0]["id"].as_str().expect("it is not empty");
        let get = service.get(&format!("/api/v1/tasks/{id}")).token(token);
        let count = service.get("/api/v1/tasks?limit=1").token(token);
        let create = service.post("/api/v1/tasks").token(token);
        let create = create.json(&json!({"title": TITLE_OF_NEW}));
        Self {
            events: vec![
                get.event().0,
                read(&format!("limit={PAGE}")),
                middle,
                last,
                read(&format!("limit={PAGE}&sort=due_date")),
                read(&format!("limit={PAGE}&sort=title")),
                read(&format!("limit={PAGE}&sort=-updated_at")),
                count.event().0,
                read(&format!("limit={PAGE}&q={SOUGHT}")),
                create.event().0,
            ],
        }
    }

    /// Milliseconds of a request of [`NAMES`].
    pub async fn request(&self, functions: &Functions, request: usize) -> f64 {
        let started = Instant::now();
        let answer = functions.of(request).invoke(&self.events[request]).await;
        let elapsed = started.elapsed();
        let status = answer.expect("it answers")["statusCode"].as_u64();
        assert!(
            matches!(status, Some(200 | 201)),
            "{}: {status:?}",
            NAMES[request]
        );
        elapsed.as_secs_f64() * 1e3
    }
}

/// Removes the created tasks, so that the user has as many as before.
pub async fn clean_up(service: &Service, user: &str) {
    let mut client = service.connect_as_owner().await;
    let transaction = transaction_of(&mut client, user).await;
    let delete = format!("delete from tasks where user_id = '{user}' and title = '{TITLE_OF_NEW}'");
    transaction
        .batch_execute(&delete)
        .await
        .expect("the user may");
    transaction.commit().await.expect("commit");
}
