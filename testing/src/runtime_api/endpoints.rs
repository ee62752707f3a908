//! The four endpoints of the Runtime API, for one process.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use serde_json::Value;
use uuid::Uuid;

use super::invocations::{InvocationError, Invocations, Outcome};

/// The largest answer that Lambda takes.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MOST_BYTES: usize = 6_291_556;

/// The process that sends the requests: each process has a port of its own.
#[derive(Clone)]
struct Process {
    number: usize,
    invocations: Arc<Invocations>,
}

/// The endpoints for the process of this number.
pub(super) fn endpoints(number: usize, invocations: Arc<Invocations>) -> Router {
    let runtime = Router::new()
        .route("/invocation/next", get(next))
        .route("/invocation/{id}/response", post(respond))
        .route("/invocation/{id}/error", post(fail))
        // A process that reports this ends, and its log has the cause.
        .route("/init/error", post(StatusCode::ACCEPTED))
        .layer(DefaultBodyLimit::disable())
        .with_state(Process {
            number,
            invocations,
        });
    Router::new().nest("/2018-06-01/runtime", runtime)
}

async fn next(State(process): State<Process>) -> impl IntoResponse {
    let invocation = process.invocations.take(process.number).await;
    let trace = Uuid::new_v4().simple().to_string();
    let (time, unique) = trace.split_at(8);
    let headers = [
        (CONTENT_TYPE, "application/json".to_owned()),
        (named("lambda-runtime-aws-request-id"), invocation.id),
        (
            named("lambda-runtime-deadline-ms"),
            invocation.deadline_ms.to_string(),
        ),
        (
            named("lambda-runtime-invoked-function-arn"),
            invocation.function_arn,
        ),
        (
            named("lambda-runtime-trace-id"),
            format!("Root=1-{time}-{unique};Sampled=0"),
        ),
    ];
    (headers, invocation.event)
}

fn named(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

async fn respond(
    State(process): State<Process>,
    Path(id): Path<String>,
    body: Bytes,
) -> impl IntoResponse {
    finish(&process, &id, outcome_of(&body))
}

fn outcome_of(body: &[u8]) -> Outcome {
    let failed = |kind: &str, message: String| InvocationError::Failed {
        kind: kind.to_owned(),
        message,
    };
    if body.len() > MOST_BYTES {
        let message = format!(
            "Response payload size exceeded maximum allowed payload size ({MOST_BYTES} bytes)."
        );
        return Err(failed("Function.ResponseSizeTooLarge", message));
    }
    serde_json::from_slice(body)
        .map_err(|cause| failed("Runtime.MalformedResponse", cause.to_string()))
}

async fn fail(
    State(process): State<Process>,
    Path(id): Path<String>,
    body: Bytes,
) -> impl IntoResponse {
    let reported: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| reported[name].as_str().unwrap_or("unknown").to_owned();
    let failure = InvocationError::Failed {
        kind: text("errorType"),
        message: text("errorMessage"),
    };
    finish(&process, &id, Err(failure))
}

fn finish(process: &Process, id: &str, outcome: Outcome) -> StatusCode {
    if process.invocations.finish(id, outcome) {
        StatusCode::ACCEPTED
    } else {
        // The invocation is unknown, or it has ended.
        StatusCode::BAD_REQUEST
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answer, http};
    use local::background::Background;
    use serde_json::json;
    use std::time::Duration;

    const LIMIT: Duration = Duration::from_secs(60);

    /// The Runtime API for process 0, which the test plays.
    struct RuntimeApi {
        invocations: Arc<Invocations>,
        origin: String,
        _background: Background,
    }

    impl RuntimeApi {
        fn start() -> Self {
            let invocations = Arc::new(Invocations::new(std::path::Path::new("get-task")));
            invocations.process_started(0);
            let background = Background::start().expect("a thread");
            let port = background.serve(endpoints(0, Arc::clone(&invocations)));
            Self {
                invocations,
                origin: format!("http://127.0.0.1:{}", port.expect("a free port")),
                _background: background,
            }
        }

        async fn send(&self, method: &str, path: &str, body: &str) -> Answer {
            let url = format!("{}/2018-06-01/runtime/{path}", self.origin);
            http::send(method, &url, &[], body).await
        }
    }

    #[tokio::test]
    async fn an_event_goes_out_and_its_answer_comes_back() {
        let api = RuntimeApi::start();
        let (id, outcome) = api.invocations.submit(&json!({ "a": 1 }), LIMIT);
        let event = api.send("GET", "invocation/next", "").await;
        assert_eq!(event.header("lambda-runtime-aws-request-id"), Some(&*id));
        let deadline = event.header("lambda-runtime-deadline-ms");
        assert_eq!(deadline.map(str::len), Some(13));
        assert_eq!(event.text(), r#"{"a":1}"#);

        let path = format!("invocation/{id}/response");
        let taken = api.send("POST", &path, r#"{"b":2}"#).await;
        assert_eq!(taken.status(), 202);
        assert_eq!(outcome.await, Ok(Ok(json!({ "b": 2 }))));
        let twice = api.send("POST", &path, r#"{"b":3}"#).await;
        assert_eq!(twice.status(), 400);
    }

    #[tokio::test]
    async fn an_event_that_comes_later_is_waited_for() {
        let api = RuntimeApi::start();
        let submit = async {
            api.invocations.first_asked(0).await;
            api.invocations.submit(&json!(1), LIMIT)
        };
        let (event, (id, _outcome)) = tokio::join!(api.send("GET", "invocation/next", ""), submit);
        assert_eq!(event.header("lambda-runtime-aws-request-id"), Some(&*id));
    }

    #[tokio::test]
    async fn a_reported_error_is_the_callers() {
        let api = RuntimeApi::start();
        let (id, outcome) = api.invocations.submit(&json!(1), LIMIT);
        api.send("GET", "invocation/next", "").await;
        let reported = r#"{"errorType":"Panic","errorMessage":"oh"}"#;
        api.send("POST", &format!("invocation/{id}/error"), reported)
            .await;
        let expected = InvocationError::Failed {
            kind: "Panic".into(),
            message: "oh".into(),
        };
        assert_eq!(outcome.await, Ok(Err(expected)));
    }
}
