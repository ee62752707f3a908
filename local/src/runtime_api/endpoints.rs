//! The four endpoints of the Runtime API, for one process.

use std::convert::Infallible;
use std::net::TcpListener as StdListener;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::CONTENT_TYPE;
use hyper::http::Error as HttpError;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::invocations::{Answer, InvocationError, Invocations};

const VERSION: &str = "/2018-06-01/runtime/";

/// What Lambda takes as an answer.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MOST_BYTES: usize = 6_291_556;

/// Serves one process on a port of its own, by which its requests are known as its.
pub(super) async fn serve(
    listener: StdListener,
    process: usize,
    invocations: Arc<Invocations>,
) -> std::io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let invocations = Arc::clone(&invocations);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, process, &invocations));
            // A connection that breaks belongs to a process that ended, which
            // its observer reports.
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
                .unwrap_or_default();
        });
    }
}

type HttpResponse = Response<Full<Bytes>>;

async fn answer(
    request: Request<Incoming>,
    process: usize,
    invocations: &Invocations,
) -> Result<HttpResponse, Infallible> {
    let response = route(request, process, invocations).await;
    Ok(response.unwrap_or_else(|_| {
        let mut failure = Response::default();
        *failure.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failure
    }))
}

async fn route(
    request: Request<Incoming>,
    process: usize,
    invocations: &Invocations,
) -> Result<HttpResponse, HttpError> {
    let path = request.uri().path().to_owned();
    let path = path.strip_prefix(VERSION).unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    match (request.method(), segments.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => next(process, invocations).await,
        (&Method::POST, ["invocation", id, "response"]) => {
            finish(invocations, id, answer_of(request).await)
        }
        (&Method::POST, ["invocation", id, "error"]) => {
            let reported = read(request).await.unwrap_or_default();
            finish(invocations, id, Err(failure(&reported)))
        }
        // The process ends now and its log says why.
        (&Method::POST, ["init", "error"]) => status(StatusCode::ACCEPTED, "OK"),
        _ => status(StatusCode::NOT_FOUND, "Not found"),
    }
}

async fn next(process: usize, invocations: &Invocations) -> Result<HttpResponse, HttpError> {
    let invocation = invocations.take(process).await;
    let trace = Uuid::new_v4().simple().to_string();
    let (time, unique) = trace.split_at(8);
    Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .header("lambda-runtime-aws-request-id", invocation.id)
        .header(
            "lambda-runtime-deadline-ms",
            invocation.deadline_ms.to_string(),
        )
        .header(
            "lambda-runtime-invoked-function-arn",
            invocation.function_arn,
        )
        .header(
            "lambda-runtime-trace-id",
            format!("Root=1-{time}-{unique};Sampled=0"),
        )
        .body(Full::from(invocation.event))
}

fn finish(invocations: &Invocations, id: &str, answer: Answer) -> Result<HttpResponse, HttpError> {
    if invocations.finish(id, answer) {
        status(StatusCode::ACCEPTED, "OK")
    } else {
        status(StatusCode::BAD_REQUEST, "Unknown or finished request id")
    }
}

async fn answer_of(request: Request<Incoming>) -> Answer {
    let failed = |kind: &str, message: String| InvocationError::Failed {
        kind: kind.to_owned(),
        message,
    };
    let malformed = |cause| failed("Runtime.MalformedResponse", cause);
    let bytes = bytes(request).await.map_err(malformed)?;
    if bytes.len() > MOST_BYTES {
        let message = format!(
            "Response payload size exceeded maximum allowed payload size ({MOST_BYTES} bytes)."
        );
        return Err(failed("Function.ResponseSizeTooLarge", message));
    }
    parse(&bytes).map_err(malformed)
}

async fn read(request: Request<Incoming>) -> Result<Value, String> {
    parse(&bytes(request).await?)
}

async fn bytes(request: Request<Incoming>) -> Result<Bytes, String> {
    let body = request.into_body().collect().await;
    Ok(body.map_err(|cause| cause.to_string())?.to_bytes())
}

fn parse(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map_err(|cause| cause.to_string())
}

fn failure(reported: &Value) -> InvocationError {
    let text = |name: &str| reported[name].as_str().unwrap_or("unknown").to_owned();
    InvocationError::Failed {
        kind: text("errorType"),
        message: text("errorMessage"),
    }
}

fn status(code: StatusCode, text: &str) -> Result<HttpResponse, HttpError> {
    Response::builder()
        .status(code)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::from(json!({ "status": text }).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::background::listen;
    use std::net::Ipv4Addr;
    use std::path::Path;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    /// The Runtime API for process 0, whose only runtime is the test.
    fn start() -> (Arc<Invocations>, u16) {
        let invocations = Arc::new(Invocations::new(Path::new("get-task")));
        invocations.welcome(0);
        let (listener, port) = listen().expect("a free port");
        tokio::spawn(serve(listener, 0, Arc::clone(&invocations)));
        (invocations, port)
    }

    async fn exchange(port: u16, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .expect("it listens");
        let length = body.len();
        let request = format!(
            "{method} {VERSION}{path} HTTP/1.1\r\nhost: runtime\r\nconnection: close\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut response = String::new();
        stream.read_to_string(&mut response).await.expect("read");
        response
    }

    fn header<'a>(response: &'a str, name: &str) -> &'a str {
        let lines = response.lines();
        let found = lines.filter_map(|line| line.split_once(": "));
        found
            .filter(|(found, _)| *found == name)
            .map(|(_, value)| value)
            .next()
            .unwrap_or_default()
    }

    #[tokio::test]
    async fn an_event_goes_out_and_its_answer_comes_back() {
        let (invocations, port) = start();
        let waiting = tokio::spawn(exchange(port, "GET", "invocation/next", ""));
        let (id, answer) = invocations.submit(&json!({ "a": 1 }), Duration::from_secs(5));
        let event = waiting.await.expect("it does not panic");
        assert_eq!(header(&event, "lambda-runtime-aws-request-id"), id);
        assert_eq!(header(&event, "lambda-runtime-deadline-ms").len(), 13);
        assert!(event.ends_with("\r\n\r\n{\"a\":1}"), "{event}");

        let path = format!("invocation/{id}/response");
        let taken = exchange(port, "POST", &path, "{\"b\":2}").await;
        assert!(taken.starts_with("HTTP/1.1 202"), "{taken}");
        assert_eq!(answer.await, Ok(Ok(json!({ "b": 2 }))));
        let twice = exchange(port, "POST", &path, "{\"b\":3}").await;
        assert!(twice.starts_with("HTTP/1.1 400"), "{twice}");
    }

    #[tokio::test]
    async fn a_reported_error_is_the_callers() {
        let (invocations, port) = start();
        let (id, answer) = invocations.submit(&json!(1), Duration::from_secs(5));
        exchange(port, "GET", "invocation/next", "").await;
        let reported = "{\"errorType\":\"Panic\",\"errorMessage\":\"oh\"}";
        exchange(port, "POST", &format!("invocation/{id}/error"), reported).await;
        let expected = InvocationError::Failed {
            kind: "Panic".into(),
            message: "oh".into(),
        };
        assert_eq!(answer.await, Ok(Err(expected)));
    }
}
