//! A user of the service.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use super::{Answer, Call, Service, until};

/// A registered user with its tokens.
pub struct TestUser {
    /// The service that knows this user.
    pub service: Arc<Service>,
    /// The user's id.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The access token of the registration.
    pub token: String,
    /// The refresh token of the registration.
    pub refresh_token: String,
}

impl TestUser {
    /// Registers a user with a new password.
    pub async fn register(service: &Arc<Service>) -> Self {
        let password = format!("correct horse {}", Uuid::new_v4().simple());
        Self::register_with_password(service, &password).await
    }

    /// Registers a user with this password.
    pub async fn register_with_password(service: &Arc<Service>, password: &str) -> Self {
        let email = new_email();
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
            password: password.to_owned(),
            token: text(&session["access_token"]),
            refresh_token: refresh_token_of(&session),
        }
    }

    /// Tries to sign in, from the address of the registration.
    pub async fn try_password(&self, password: &str) -> Answer {
        let body = json!({"email": self.email, "password": password});
        let call = self.service.post("/api/v1/auth/login");
        call.json(&body).send().await
    }

    /// Signs in again and returns the refresh token.
    pub async fn sign_in(&self) -> String {
        let answer = self.try_password(&self.password).await;
        refresh_token_of(&answer.expect(200))
    }

    /// Sends a refresh token, for a new session.
    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        let call = self.service.post("/api/v1/auth/refresh");
        let body = json!({"refresh_token": refresh_token});
        call.json(&body).send().await
    }

    /// Asserts that an answer has no session, or one that cannot be renewed.
    pub async fn expect_no_lasting_session(&self, answer: &Answer) {
        if answer.status() == 200 {
            let renewed = self.refresh(&refresh_token_of(&answer.json())).await;
            renewed.expect_problem(401, "unauthorized");
        }
    }

    /// A request with this user's token.
    pub fn call(&self, method: &str, target: &str) -> Call<'_> {
        self.service.call(method, target).token(&self.token)
    }

    /// Sends a GET request.
    pub async fn get(&self, target: &str) -> Answer {
        self.call("GET", target).send().await
    }

    /// Sends a POST request with a JSON body.
    pub async fn post(&self, target: &str, body: &Value) -> Answer {
        self.call("POST", target).json(body).send().await
    }

    /// Sends a PATCH request with a JSON body.
    pub async fn patch(&self, target: &str, body: &Value) -> Answer {
        self.call("PATCH", target).json(body).send().await
    }

    /// Sends a PUT request with a JSON body.
    pub async fn put(&self, target: &str, body: &Value) -> Answer {
        self.call("PUT", target).json(body).send().await
    }

    /// Sends a DELETE request.
    pub async fn delete(&self, target: &str) -> Answer {
        self.call("DELETE", target).send().await
    }

    /// Creates a task with this title.
    pub async fn create(&self, title: &str) -> Value {
        let answer = self.post("/api/v1/tasks", &json!({"title": title})).await;
        answer.expect(201)
    }

    /// Runs a statement as the owner of the tables; its $1 is this user's id.
    pub async fn run(&self, statement: &str) -> Vec<Row> {
        let client = self.service.connect_as_owner().await;
        let rows = client
            .query_typed(statement, &[(&self.id, Type::TEXT)])
            .await;
        rows.expect("the statement runs")
    }

    /// Locks rows with a statement like those of [`TestUser::run`].
    pub async fn hold(&self, rows: &str) -> Held {
        let client = self.service.connect_as_owner().await;
        client.batch_execute("begin").await.expect("begin");
        let locked = client.query_typed(rows, &[(&self.id, Type::TEXT)]).await;
        assert!(!locked.expect("the statement locks").is_empty());
        Held(client)
    }

    /// The path of this user's tasks in both route families.
    pub fn families(&self) -> [String; 2] {
        [
            "/api/v1/tasks".to_owned(),
            format!("/api/{}/tasks", self.id),
        ]
    }

    /// The row of a task. Asserts that the row has the values of the answer.
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

    /// The rows of this user's tasks in the database.
    pub async fn stored(&self) -> Vec<Value> {
        self.service.stored_tasks_of(&self.id).await
    }
}

/// Locked rows, with which a test controls the order of events.
pub struct Held(Client);

impl Held {
    /// Waits until so many transactions wait for these rows, or for a transaction
    /// that does.
    pub async fn until_waiting(&self, transactions: i64) {
        let count = "
            with recursive waiting (pid) as (
                select pid
                from pg_locks
                where not granted
                and pg_backend_pid() = any (pg_blocking_pids(pid))
                union
                select pg_locks.pid
                from pg_locks
                join waiting on waiting.pid = any (pg_blocking_pids(pg_locks.pid))
                where not granted
            )
            select count(*)
            from waiting";
        until(async || {
            let row = self.0.query_typed_one(count, &[]).await.expect("count");
            row.get::<_, i64>(0) >= transactions
        })
        .await;
    }

    /// The answers to two requests of which the second waits behind the first for
    /// these rows, which are unlocked then.
    pub async fn behind_each_other<T>(
        &self,
        first: impl Future<Output = T>,
        second: impl Future<Output = T>,
    ) -> (T, T) {
        let second = async {
            self.until_waiting(1).await;
            second.await
        };
        let unlock = async {
            self.until_waiting(2).await;
            self.release().await;
        };
        let (first, second, ()) = tokio::join!(first, second, unlock);
        (first, second)
    }

    /// Unlocks the rows.
    pub async fn release(&self) {
        self.0.batch_execute("commit").await.expect("commit");
    }
}

/// The refresh token of a session.
pub fn refresh_token_of(session: &Value) -> String {
    let token = session["refresh_token"].as_str();
    token.expect("a refresh token is text").to_owned()
}

/// The path of a task in the first route family.
pub fn path_of(task: &Value) -> String {
    format!("/api/v1/tasks/{}", id_of(task))
}

/// The id of a task.
pub fn id_of(task: &Value) -> &str {
    task["id"].as_str().expect("a task has an id")
}

/// A new e-mail address.
pub fn new_email() -> String {
    format!("{}@example.com", Uuid::new_v4().simple())
}

/// A new IP address in a network of its own, from the range for documentation
/// (RFC 3849).
pub fn new_address() -> String {
    let random = Uuid::new_v4().into_bytes();
    let [a, b, c, d, ..] = random;
    format!("2001:db8:{a:x}{b:02x}:{c:x}{d:02x}::1")
}
