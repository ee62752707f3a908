//! The public port: what API Gateway does in front of the functions, in front of
//! `cargo lambda watch`.
//!
//! The emulator answers any origin, in words of its own where no function answers,
//! and not at all while the functions do not compile.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use tower_http::cors::CorsLayer;

use super::build_state::BuildState;
use crate::background::Background;
use crate::cors::{ALLOWED_HEADERS, EXPOSED_HEADERS, MAX_AGE_SECONDS, METHODS};
use crate::error::{Context, Result};

const PROBLEM_JSON: &str = "application/problem+json";

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
        .max_age(std::time::Duration::from_secs(MAX_AGE_SECONDS)))
}

async fn answer(State(emulator): State<Arc<Emulator>>, mut request: Request) -> Response {
    if let Err(unreadable) = readable(request.headers_mut()) {
        return problem(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "The request is malformed",
            &format!("The header `{unreadable}` has bytes that are not ASCII."),
        );
    }
    drop_those_of_the_connection(request.headers_mut());
    if let Err(cause) = redirect(request.uri_mut(), emulator.port) {
        return made_a_mistake(&cause.to_string());
    }
    emulator.build.ready().await;
    let answer = tokio::select! {
        biased;
        compiler = emulator.build.failed() => return does_not_compile(&compiler),
        answer = emulator.client.request(request) => answer,
    };
    match answer {
        Ok(answer) => translate(answer.map(Body::new)),
        Err(_) => starting(),
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
    let is_problem = answer
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(PROBLEM_JSON.as_bytes()));
    match answer.status() {
        _ if is_problem => {}
        StatusCode::NOT_FOUND => {
            return problem(
                StatusCode::NOT_FOUND,
                "not-found",
                "It does not exist",
                "Nothing is served at this path with this method.",
            );
        }
        StatusCode::INTERNAL_SERVER_ERROR => {
            return made_a_mistake("The function has failed: see the output of cargo dev.");
        }
        StatusCode::REQUEST_TIMEOUT => {
            return made_a_mistake("The function gave no answer: see the output of cargo dev.");
        }
        _ => {}
    }
    drop_those_of_the_connection(answer.headers_mut());
    answer
}

fn does_not_compile(compiler: &str) -> Response {
    made_a_mistake(&format!("The functions do not compile.\n\n{compiler}"))
}

fn made_a_mistake(detail: &str) -> Response {
    problem(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "The service made a mistake",
        detail,
    )
}

fn starting() -> Response {
    let mut response = problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "The service is away for a moment",
        "The functions are being started. Send the request again.",
    );
    response
        .headers_mut()
        .insert("retry-after", HeaderValue::from_static("1"));
    response
}

/// As `shared::problem` writes it, which this crate cannot use without OpenSSL.
fn problem(status: StatusCode, kind: &str, title: &str, detail: &str) -> Response {
    let body = json!({
        "type": format!("/problems/{kind}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
    });
    let headers = [
        (CONTENT_TYPE.as_str(), PROBLEM_JSON),
        ("cache-control", "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}
