//! API Gateway's front door on a port of this machine, for clients that speak
//! HTTP: browsers, and programs that test from outside.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::TcpListener as StdListener;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, TRANSFER_ENCODING};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;

use super::{BodyEncoding, GatewayResponse, Request, Routes, event};
use crate::background::{Background, listen};
use crate::runtime_api::Function;
use local::{Context, Result};

/// Where a gateway finds its functions.
pub trait Functions: Send + Sync + 'static {
    /// The routes to them.
    fn routes(&self) -> &Routes;

    /// The function of this name; one that is not running yet is started.
    fn function(&self, name: &str) -> Arc<Function>;
}

/// A server on loopback that answers as API Gateway would. Dropped, it ends.
///
/// It has a thread and an asynchronous runtime of its own, as [`Function`] has.
/// Requests to one function queue for its processes, others do not wait for
/// each other.
pub struct Gateway {
    port: u16,
    _background: Background,
}

impl Gateway {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub fn start(functions: Arc<impl Functions>) -> Result<Self> {
        let describe = || "cannot start the gateway";
        let (listener, port) = listen().context(describe)?;
        let background = Background::start().context(describe)?;
        background.spawn(serve(listener, functions));
        Ok(Self {
            port,
            _background: background,
        })
    }

    /// `http://127.0.0.1:` and the port.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

async fn serve(listener: StdListener, functions: Arc<impl Functions>) -> std::io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        let functions = Arc::clone(&functions);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, &*functions));
            // A connection that breaks is its client's affair.
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
                .unwrap_or_default();
        });
    }
}

type HttpRequest = hyper::Request<Incoming>;
type HttpResponse = Response<Full<Bytes>>;

async fn answer(
    request: HttpRequest,
    functions: &impl Functions,
) -> Result<HttpResponse, Infallible> {
    let answer = forward(request, functions).await.unwrap_or_else(|cause| {
        eprintln!("{cause}");
        // <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html>
        Some(message(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
        ))
    });
    Ok(answer.unwrap_or_else(|| message(StatusCode::NOT_FOUND, "Not Found")))
}

/// What the function answers that serves the path; `None` when none does.
async fn forward(request: HttpRequest, functions: &impl Functions) -> Result<Option<HttpResponse>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.context(|| "a body broke off")?;
    let body = body.to_bytes();
    let headers = texts(&parts.headers);
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_ref()))
        .collect();
    let request = Request {
        method: parts.method.as_str(),
        target: parts.uri.path_and_query().map_or("/", |it| it.as_str()),
        headers: &headers,
        body: (!body.is_empty()).then_some(&body),
        body_encoding: BodyEncoding::Text,
    };
    let routes = functions.routes();
    let Some(found) = routes.find(request.method, request.path()) else {
        return Ok(None);
    };
    let name = &found.route.function;
    let function = functions.function(name);
    let answer = function.invoke(&event(&request, &found)).await;
    let answer = answer.context(|| format!("{name} gave no answer"))?;
    write(GatewayResponse::read(&answer)?).map(Some)
}

/// What belongs to the connection and not to the request is not passed on.
fn texts(headers: &HeaderMap) -> Vec<(&str, Cow<'_, str>)> {
    headers
        .iter()
        .filter(|(name, _)| ![CONNECTION, TRANSFER_ENCODING].contains(name))
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
        .collect()
}

fn write(answer: GatewayResponse) -> Result<HttpResponse> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    for cookie in &answer.cookies {
        response = response.header("set-cookie", cookie);
    }
    response
        .body(Full::from(answer.body))
        .context(|| "the function's answer is not HTTP")
}

fn message(status: StatusCode, text: &str) -> HttpResponse {
    let mut response = Response::new(Full::from(json!({ "message": text }).to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
