//! The journey: signs in to the deployed API, creates a task and deletes it
//! again, through the network as clients do. An alarm misses its line in the
//! log.

use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, StatusCode};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::config::JourneyConfig;
use crate::https::HttpsClient;
use crate::invocation::is_deployed;
use crate::log::log_from;

/// A sleeping database and cold starts are part of a journey that succeeds.
const LIMIT: Duration = Duration::from_secs(50);

/// Makes a journey for each invocation, or a single one from a shell.
pub async fn main() -> ExitCode {
    log_from(tracing::Level::INFO);
    let config = match JourneyConfig::from_environment() {
        Ok(config) => config,
        Err(error) => {
            tracing::error!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let journey = Journey::new(config);
    let outcome = if is_deployed() {
        let handler = |_: LambdaEvent<Value>| async { Ok::<_, Error>(journey.make().await?) };
        lambda_runtime::run(service_fn(handler)).await
    } else {
        journey.make().await.map_err(Error::from)
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// A step that failed, as a sentence without any part of an answer.
#[derive(Debug)]
struct Detour(String);

impl fmt::Display for Detour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Detour {}

struct Journey {
    config: JourneyConfig,
    client: HttpsClient,
}

impl Journey {
    fn new(config: JourneyConfig) -> Self {
        Self {
            config,
            client: HttpsClient::new(),
        }
    }

    /// # Errors
    /// The first step that failed; it has been logged.
    async fn make(&self) -> Result<(), Detour> {
        let started = Instant::now();
        let outcome = timeout(LIMIT, self.steps()).await;
        let outcome = outcome.unwrap_or_else(|_| Err(Detour("It took too long.".into())));
        let duration_ms = started.elapsed().as_secs_f64() * 1e3;
        match &outcome {
            Ok(()) => tracing::info!(duration_ms, "journey completed"),
            Err(error) => tracing::error!(duration_ms, cause = %error, "journey failed"),
        }
        outcome
    }

    async fn steps(&self) -> Result<(), Detour> {
        let session = self.sign_in().await?;
        let token = session["access_token"].as_str();
        let task = self
            .send(
                Method::POST,
                "/api/v1/tasks",
                token,
                &json!({"title": "A journey"}),
            )
            .await?
            .expect(StatusCode::CREATED)?;
        let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap_or_default());
        self.send(Method::DELETE, &path, token, &Value::Null)
            .await?
            .expect(StatusCode::NO_CONTENT)?;
        let refresh_token = json!({"refresh_token": session["refresh_token"]});
        self.send(Method::POST, "/api/v1/auth/logout", None, &refresh_token)
            .await?
            .expect(StatusCode::NO_CONTENT)?;
        Ok(())
    }

    /// Registers the account on the first journey.
    async fn sign_in(&self) -> Result<Value, Detour> {
        let JourneyConfig {
            email, password, ..
        } = &self.config;
        let login = json!({"email": email, "password": password});
        let answer = self
            .send(Method::POST, "/api/v1/auth/login", None, &login)
            .await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return answer.expect(StatusCode::OK);
        }
        let account = json!({"name": "Journey", "email": email, "password": password});
        self.send(Method::POST, "/api/v1/auth/register", None, &account)
            .await?
            .expect(StatusCode::CREATED)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<Answer, Detour> {
        let step = format!("{method} {}", route(path));
        let broken = |cause: String| Detour(format!("{step}: {cause}."));
        let url = self.config.api_url.to_string();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", url.trim_end_matches('/')));
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            Value::Null => Bytes::new(),
            body => {
                request = request.header(CONTENT_TYPE, "application/json");
                body.to_string().into()
            }
        };
        let request = request.body(Full::from(body));
        let request = request.map_err(|error| broken(error.to_string()))?;
        let answer = self.client.send(request).await.map_err(broken)?;
        let status = answer.status();
        // An empty body is no JSON.
        let body = serde_json::from_slice(answer.body()).unwrap_or_default();
        Ok(Answer { step, status, body })
    }
}

struct Answer {
    step: String,
    status: StatusCode,
    body: Value,
}

impl Answer {
    fn expect(self, status: StatusCode) -> Result<Value, Detour> {
        if self.status == status {
            return Ok(self.body);
        }
        let problem = self.body["type"].as_str().unwrap_or("no problem document");
        Err(Detour(format!(
            "{} answered {} ({problem}).",
            self.step, self.status
        )))
    }
}

/// The path without an id.
fn route(path: &str) -> &str {
    match path.strip_prefix("/api/v1/tasks/") {
        Some(_) => "/api/v1/tasks/{task_id}",
        None => path,
    }
}
