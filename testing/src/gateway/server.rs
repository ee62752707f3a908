//! API Gateway on a port of this machine, for browsers and other programs.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{CONNECTION, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use local::{Context, Result};
use serde_json::json;

use super::{BodyEncoding, Request, event};
use crate::{Answer, Service};
use local::background::Background;

/// A server on loopback that answers as API Gateway would, until it is dropped.
///
/// The server has a thread and an asynchronous runtime of its own, as a
/// [`Function`](crate::runtime_api::Function) has. Requests to one function
/// queue for its processes; requests to different functions run at the same time.
pub struct Gateway {
    port: u16,
    _background: Background,
}

impl Gateway {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(service: Arc<Service>) -> Result<Self> {
        let describe = || "cannot start the gateway";
        let router = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(service);
        let background = Background::start().context(describe)?;
        Ok(Self {
            port: background.serve(router).context(describe)?,
            _background: background,
        })
    }

    /// `http://127.0.0.1:` and the port.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

async fn answer(
    State(service): State<Arc<Service>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match forward(&service, &method, &uri, &headers, &body).await {
        Ok(Some(response)) => response,
        Ok(None) => message(StatusCode::NOT_FOUND, "Not Found"),
        Err(cause) => {
            eprintln!("{cause}");
            // <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html>
            message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
    }
}

/// The answer of the function that serves the path; `None` when no route has it.
async fn forward(
    service: &Service,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Option<Response>> {
    let headers = texts(headers);
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_ref()))
        .collect();
    let request = Request {
        method: method.as_str(),
        target: uri.path_and_query().map_or("/", |it| it.as_str()),
        headers: &headers,
        body: (!body.is_empty()).then_some(body),
        body_encoding: BodyEncoding::Text,
    };
    let Some(found) = service.routes().find(request.method, request.path()) else {
        return Ok(None);
    };
    let name = &found.route.function;
    let answer = service
        .function(name)
        .invoke(&event(&request, &found))
        .await;
    let answer = answer.context(|| format!("{name} gave no answer"))?;
    write(Answer::read(&answer)?).map(Some)
}

/// The headers of the request, without those of the connection.
fn texts(headers: &HeaderMap) -> Vec<(&str, Cow<'_, str>)> {
    headers
        .iter()
        .filter(|(name, _)| ![CONNECTION, TRANSFER_ENCODING].contains(name))
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect()
}

fn write(answer: Answer) -> Result<Response> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    for cookie in &answer.cookies {
        response = response.header("set-cookie", cookie);
    }
    response
        .body(Body::from(answer.body))
        .context(|| "the function's answer is not HTTP")
}

fn message(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "message": text }))).into_response()
}
