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
    "id, user_id, title, description, status, due_date, created_at, updated_at, version";

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

    /// The call of this service's function, with the same values.
    pub async fn call(self, client: &Client, setup: &Setup) -> Result<(), Error> {
        let task = match self {
            Self::Create => Uuid::now_v7(),
            _ => setup.tasks[0],
        };
        let change = Uuid::new_v4();
        let user: (&(dyn ToSql + Sync), Type) = (&setup.user, Type::TEXT);
        let task: (&(dyn ToSql + Sync), Type) = (&task, Type::UUID);
        let change: (&(dyn ToSql + Sync), Type) = (&change, Type::UUID);
        let (call, arguments) = match self {
            Self::Get => ("find_task($1, $2)", vec![user, task]),
            Self::List => (
                "list_tasks($1, '-created_at', true, null, null, null, null, null, null, null, \
                 null, null, null, 51, 0)",
                vec![user],
            ),
            Self::Create => (
                "create_task($1, $2, 'Measure it', 'Before and after, on the same machine', \
                 'in_progress', '2026-12-31', null)",
                vec![user, task],
            ),
            Self::Update => (
                "update_task($1, $2, null, $3, 'Measure it', \
                 'Before and after, on the same machine', 'in_progress', false, true, \
                 '2026-12-31')",
                vec![user, task, change],
            ),
        };
        let sql = format!("select * from todo.{call}");
        client.query_typed(&sql, &arguments).await.map(|_| ())
    }

    /// Its bare statement: for a list both, sent together.
    pub async fn run_statement(self, client: &Client, setup: &Setup) -> Result<(), Error> {
        let (user, task) = (&setup.user, &setup.tasks[0]);
        let user: (&(dyn ToSql + Sync), Type) = (user, Type::TEXT);
        let task: (&(dyn ToSql + Sync), Type) = (task, Type::UUID);
        match self {
            Self::Get => {
                let sql = format!(
                    "select {COLUMNS} from tasks where user_id = $1 and id = $2 and deleted_at is null"
                );
                client.query_typed(&sql, &[user, task]).await?;
            }
            Self::List => {
                let count = "select count(*) from tasks where user_id = $1 and deleted_at is null";
                let page = format!(
                    "select {COLUMNS} from tasks where user_id = $1 and deleted_at is null
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
                    where user_id = $1 and id = $2 and deleted_at is null
                    returning {COLUMNS}"
                );
                client.query_typed(&sql, &[user, task]).await?;
            }
        }
        Ok(())
    }
}
