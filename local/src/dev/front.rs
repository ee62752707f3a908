//! The public port: what API Gateway does in front of the functions, in front of
//! `cargo lambda watch`.
//!
//! The emulator answers any origin, in words of its own where no function answers,
//! and not at all while the functions do not compile.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower_http::cors::CorsLayer;

use super::build_state::BuildState;
use super::problem;
use crate::background::Background;
use crate::cors::{ALLOWED_HEADERS, EXPOSED_HEADERS, MAX_AGE_SECONDS, METHODS};
use crate::error::{Context, Result};

/// The largest body that API Gateway takes:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const MAX_BODY_BYTES: usize = 10_000_000;

/// API Gateway waits no longer for a function, either. cargo-lambda waits for ever
/// for one that has ended.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server, until it is dropped.
pub(super) struct Front {
    _background: Background,
}

struct Emulator {
    client: Client<HttpConnector, Body>,
    port: u16,
    build: BuildState,
}

impl Front {
    /// Listens on `port` for the emulator on `inner_port`.
    pub(super) fn start(
        port: u16,
        inner_port: u16,
        origins: &[String],
        build: BuildState,
    ) -> Result<Self> {
        let describe = || format!("cannot serve on port {port}");
        let emulator = Emulator {
            client: Client::builder(TokioExecutor::new()).build_http(),
            port: inner_port,
            build,
        };
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::new(emulator))
            .layer(cors(origins)?);
        let background = Background::start().context(describe)?;
        background.serve_on(port, router).context(describe)?;
        Ok(Self {
            _background: background,
        })
    }
}

fn cors(origins: &[String]) -> Result<CorsLayer> {
    let origins: Vec<HeaderValue> = origins
        .iter()
        .map(|origin| HeaderValue::from_str(origin))
        .collect::<Result<_, _>>()
        .context(|| "--cors-origins")?;
    let names = |names: &[&'static str]| -> Vec<HeaderName> {
        let names = names.iter().copied();
        names.map(HeaderName::from_static).collect()
    };
    let methods: Vec<Method> = METHODS
        .iter()
        .map(|method| method.parse())
        .collect::<Result<_, _>>()
        .context(|| "a method")?;
    Ok(CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(methods)
        .allow_headers(names(&ALLOWED_HEADERS))
        .expose_headers(names(&EXPOSED_HEADERS))
        .max_age(Duration::from_secs(MAX_AGE_SECONDS)))
}

async fn answer(State(emulator): State<Arc<Emulator>>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    if let Err(unreadable) = readable(&mut head.headers) {
        return problem::unreadable(&unreadable);
    }
    drop_those_of_the_connection(&mut head.headers);
    if let Err(cause) = redirect(&mut head.uri, emulator.port) {
        return problem::internal(&cause.to_string());
    }
    let Ok(body) = body::to_bytes(body, MAX_BODY_BYTES).await else {
        return problem::too_large();
    };
    if str::from_utf8(&body).is_err() {
        call_it_binary(&mut head.headers);
    }
    let request = Request::from_parts(head, Body::from(body));
    emulator.build.ready().await;
    let answer = tokio::select! {
        biased;
        compiler = emulator.build.failed() => return problem::does_not_compile(&compiler),
        answer = emulator.client.request(request) => answer,
        () = emulator.build.silent(PATIENCE) => return problem::unanswered(PATIENCE),
    };
    match answer {
        Ok(answer) => translate(answer.map(Body::new)),
        Err(_) => problem::starting(),
    }
}

/// Takes away headers that cargo-lambda cannot read: those that no function reads,
/// and a token, which is none then.
fn readable(headers: &mut HeaderMap) -> Result<(), HeaderName> {
    let unreadable: Vec<HeaderName> = headers
        .iter()
        .filter(|(_, value)| value.to_str().is_err())
        .map(|(name, _)| name.clone())
        .collect();
    for name in unreadable {
        if ALLOWED_HEADERS.contains(&name.as_str()) && name != AUTHORIZATION {
            return Err(name);
        }
        headers.remove(name);
    }
    Ok(())
}

/// Gives bytes that are no text a type that cargo-lambda does not read as text, at
/// which it would fail. The function refuses them.
fn call_it_binary(headers: &mut HeaderMap) {
    let is_json = headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    let binary = match is_json {
        true => "application/binary+json",
        false => "application/octet-stream",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(binary));
}

fn drop_those_of_the_connection(headers: &mut HeaderMap) {
    headers.remove(CONNECTION);
    headers.remove(TRANSFER_ENCODING);
}

fn redirect(uri: &mut Uri, port: u16) -> Result<()> {
    let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    *uri = format!("http://127.0.0.1:{port}{target}")
        .parse()
        .context(|| "the path is no URI")?;
    Ok(())
}

/// The function's answer as it is, and a problem in place of the emulator's own.
fn translate(mut answer: Response) -> Response {
    drop_those_of_the_connection(answer.headers_mut());
    match answer.status() {
        _ if problem::is_one(&answer) => answer,
        StatusCode::NOT_FOUND => problem::not_found(),
        StatusCode::INTERNAL_SERVER_ERROR => {
            problem::internal("The function has failed: see the output of cargo dev.")
        }
        StatusCode::REQUEST_TIMEOUT => {
            problem::internal("The function gave no answer: see the output of cargo dev.")
        }
        _ => answer,
    }
}
