//! Somebody who uses the service.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Answer, Call, Service};

/// A registered user with a token.
pub struct TestUser {
    pub service: Arc<Service>,
    pub id: String,
    pub email: String,
    pub password: String,
    pub token: String,
}

impl TestUser {
    pub async fn register(service: &Arc<Service>) -> Self {
        let email = new_email();
        let password = format!("correct horse {}", Uuid::new_v4().simple());
        let body = json!({"name": "Ann", "email": email, "password": password});
        let answer = service
            .post("/api/v1/auth/register")
            .json(&body)
            .send()
            .await;
        let session = answer.expect(201);
        let text = |value: &Value| value.as_str().expect("it is a string").to_owned();
        Self {
            service: service.clone(),
            id: text(&session["user"]["id"]),
            email,
            password,
            token: text(&session["access_token"]),
        }
    }

    /// A request that bears this user's token.
    pub fn call(&self, method: &str, target: &str) -> Call<'_> {
        self.service.call(method, target).token(&self.token)
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.call("GET", target).send().await
    }

    pub async fn post(&self, target: &str, body: &Value) -> Answer {
        self.call("POST", target).json(body).send().await
    }

    pub async fn patch(&self, target: &str, body: &Value) -> Answer {
        self.call("PATCH", target).json(body).send().await
    }

    pub async fn put(&self, target: &str, body: &Value) -> Answer {
        self.call("PUT", target).json(body).send().await
    }

    pub async fn delete(&self, target: &str) -> Answer {
        self.call("DELETE", target).send().await
    }

    /// A new task with this title.
    pub async fn create(&self, title: &str) -> Value {
        let answer = self.post("/api/v1/tasks", &json!({"title": title})).await;
        answer.expect(201)
    }

    /// The path of this user's tasks in both route families.
    pub fn families(&self) -> [String; 2] {
        [
            "/api/v1/tasks".to_owned(),
            format!("/api/{}/tasks", self.id),
        ]
    }

    /// The row of a task, which has to say what the answer says.
    pub async fn row_of(&self, task: &Value) -> Value {
        let rows = self.stored().await;
        let row = rows.into_iter().find(|row| row["id"] == task["id"]);
        let row = row.unwrap_or_else(|| panic!("{task} is not stored"));
        for member in [
            "user_id",
            "title",
            "description",
            "status",
            "completed",
            "due_date",
        ] {
            assert_eq!(row[member], task[member], "{member} of {row} and {task}");
        }
        row
    }

    /// The rows of this user's tasks as they are stored, by way of no function.
    pub async fn stored(&self) -> Vec<Value> {
        self.service.stored_tasks_of(&self.id).await
    }
}

/// The path of a task in the first route family.
pub fn path_of(task: &Value) -> String {
    format!("/api/v1/tasks/{}", id_of(task))
}

pub fn id_of(task: &Value) -> &str {
    task["id"].as_str().expect("a task has an id")
}

/// An address that nobody has.
pub fn new_email() -> String {
    format!("{}@example.com", Uuid::new_v4().simple())
}
