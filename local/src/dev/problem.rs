//! The front's own answers, as `shared::problem` writes them, which this crate cannot
//! use without OpenSSL.

use std::time::Duration;

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use uuid::Uuid;

const MEDIA_TYPE: &str = "application/problem+json";

pub(super) fn is_one(answer: &Response) -> bool {
    let media_type = answer.headers().get(CONTENT_TYPE);
    media_type.is_some_and(|value| value.as_bytes().starts_with(MEDIA_TYPE.as_bytes()))
}

pub(super) fn unreadable(header: &HeaderName) -> Response {
    problem(
        StatusCode::BAD_REQUEST,
        "bad-request",
        "The request is malformed",
        &format!("The header `{header}` has bytes that are not ASCII."),
    )
}

pub(super) fn too_large() -> Response {
    problem(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too-large",
        "The request is too large",
        "The body may have at most 256 KiB.",
    )
}

pub(super) fn not_found() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "not-found",
        "It does not exist",
        "Nothing is served at this path with this method.",
    )
}

pub(super) fn does_not_compile(compiler: &str) -> Response {
    internal(&format!("The functions do not compile.\n\n{compiler}"))
}

pub(super) fn internal(detail: &str) -> Response {
    problem(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "The service made a mistake",
        detail,
    )
}

pub(super) fn unanswered(patience: Duration) -> Response {
    internal(&format!(
        "The function has not answered for {} s: see the output of cargo dev. One that has ended is started again after an edit.",
        patience.as_secs()
    ))
}

pub(super) fn starting() -> Response {
    let mut response = problem(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "The service is away for a moment",
        "The functions are being started. Send the request again.",
    );
    let soon = HeaderValue::from_static("1");
    response.headers_mut().insert(RETRY_AFTER, soon);
    response
}

fn problem(status: StatusCode, kind: &str, title: &str, detail: &str) -> Response {
    let body = json!({
        "type": format!("/problems/{kind}"),
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
    });
    let headers = [
        (CONTENT_TYPE.as_str(), MEDIA_TYPE.to_owned()),
        ("cache-control", "no-store".to_owned()),
        ("x-request-id", Uuid::new_v4().to_string()),
    ];
    (status, headers, body.to_string()).into_response()
}
