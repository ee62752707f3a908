//! The measured operations on tasks.

use serde_json::{Value, json};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error};
use uuid::Uuid;

use super::setup::Setup;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Get,
    List,
    Create,
    Update,
}

const COLUMNS: &str =
    "id, user_id, title, description, status, completed, due_date, created_at, updated_at, version";

impl Operation {
    pub const ALL: [Self; 4] = [Self::Get, Self::List, Self::Create, Self::Update];

    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Create => "create",
            Self::Update => "update",
        }
    }

    /// The name in headings.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Get => "GET /api/v1/tasks/{task_id}",
            Self::List => "GET /api/v1/tasks (50 of 500 tasks, and their number)",
            Self::Create => "POST /api/v1/tasks",
            Self::Update => "PATCH /api/v1/tasks/{task_id}",
        }
    }

    /// The events that are sent in turn. Changes go to many tasks, so that
    /// environments do not wait for a row.
    pub fn events(self, setup: &Setup) -> Vec<Value> {
        let task = |id: &Uuid| format!("/api/v1/tasks/{id}");
        let body = json!({
            "title": "Measure it",
            "description": "Before and after, on the same machine",
            "status": "in_progress",
            "due_date": "2026-12-31",
        });
        let event = |method: &str, path: &str| {
            let call = setup.service.call(method, path).token(&setup.token);
            match method {
                "GET" => call.event().0,
                _ => call.json(&body).event().0,
            }
        };
        match self {
            Self::Get => setup
                .tasks
                .iter()
                .map(|id| event("GET", &task(id)))
                .collect(),
            Self::List => vec![event("GET", "/api/v1/tasks")],
            Self::Create => vec![event("POST", "/api/v1/tasks")],
            Self::Update => setup
                .tasks
                .iter()
                .map(|id| event("PATCH", &task(id)))
                .collect(),
        }
    }

    /// Asserts the answer that every candidate has to give.
    pub fn check(self, answer: &Value, who: &str) {
        let wrong = || format!("{who} answers {} with {answer}", self.name());
        let status = if self == Self::Create { 201 } else { 200 };
        assert_eq!(answer["statusCode"], status, "{}", wrong());
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default())
            .unwrap_or_else(|_| panic!("{}", wrong()));
        match self {
            Self::Get => assert!(body["version"].is_number(), "{}", wrong()),
            Self::List => {
                let tasks = body["tasks"].as_array().map(Vec::len);
                assert!(
                    tasks == Some(50) && body["total"].is_number(),
                    "{}",
                    wrong()
                );
            }
            Self::Create | Self::Update => {
                assert_eq!(body["title"], "Measure it", "{}", wrong());
                assert_eq!(body["due_date"], "2026-12-31", "{}", wrong());
            }
        }
    }

    /// Its statement in the transaction that this service puts around it.
    pub async fn fly(self, client: &Client, setup: &Setup) -> Result<(), Error> {
        let begin = match self {
            Self::Get | Self::List => "begin isolation level repeatable read, read only",
            Self::Create | Self::Update => "begin read write",
        };
        let begin =
            format!("{begin}; set local role todo_user; set local statement_timeout = 5000");
        let user = [(&setup.user as &(dyn ToSql + Sync), Type::TEXT)];
        let (begun, identified, done, committed) = tokio::join!(
            biased;
            client.batch_execute(&begin),
            client.query_typed("select identify($1)", &user),
            self.run_statement(client, setup),
            client.batch_execute("commit"),
        );
        begun.and(identified.map(|_| ())).and(done).and(committed)
    }

    /// Its bare statement: for a list both, sent together.
    pub async fn run_statement(self, client: &Client, setup: &Setup) -> Result<(), Error> {
        let (user, task) = (&setup.user, &setup.tasks[0]);
        let user: (&(dyn ToSql + Sync), Type) = (user, Type::TEXT);
        let task: (&(dyn ToSql + Sync), Type) = (task, Type::UUID);
        match self {
            Self::Get => {
                let sql = format!("select {COLUMNS} from tasks where user_id = $1 and id = $2");
                client.query_typed(&sql, &[user, task]).await?;
            }
            Self::List => {
                let count = "select count(*) from tasks where user_id = $1";
                let page = format!(
                    "select {COLUMNS} from tasks where user_id = $1
                    order by created_at desc, id desc limit 50"
                );
                let user = [user];
                let (count, page) = tokio::join!(
                    client.query_typed(count, &user),
                    client.query_typed(&page, &user)
                );
                count.and(page)?;
            }
            Self::Create => {
                let sql = format!(
                    "insert into tasks (id, user_id, title, description, status, due_date)
                    values ($2, $1, 'Measure it', 'Before and after, on the same machine',
                        'in_progress', '2026-12-31')
                    returning {COLUMNS}"
                );
                let id = Uuid::now_v7();
                client.query_typed(&sql, &[user, (&id, Type::UUID)]).await?;
            }
            Self::Update => {
                let sql = format!(
                    "update tasks
                    set title = 'Measure it', description = 'Before and after, on the same machine',
                        status = 'in_progress', due_date = '2026-12-31',
                        version = version + 1, updated_at = now()
                    where user_id = $1 and id = $2
                    returning {COLUMNS}"
                );
                client.query_typed(&sql, &[user, task]).await?;
            }
        }
        Ok(())
    }
}
