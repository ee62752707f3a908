//! Answers that went well.

use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, LINK, LOCATION};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Request, RequestExt};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Serialize;

use super::Response;
use crate::auth::{KeySet, Session};
use crate::model::Task;
use crate::tasks::{BatchResult, Creation, TaskList};

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// One user's data: a browser may keep it but asks before each use.
const PRIVATE: &str = "private, no-cache";

/// RFC 6749 section 5.1 asks for this where tokens are.
const NO_STORE: &str = "no-store";

/// The end of a URL in `Link`, and what no header has.
const NOT_IN_A_LINK: AsciiSet = CONTROLS.add(b' ').add(b'<').add(b'>');

/// 200 with one user's data.
pub fn json(body: &impl Serialize) -> Response {
    with_body(StatusCode::OK, body, PRIVATE)
}

/// 200 with what no cache may keep.
pub fn unstored(body: &impl Serialize) -> Response {
    with_body(StatusCode::OK, body, NO_STORE)
}

/// 201 for a new account, signed in.
pub fn registered(session: &Session) -> Response {
    with_body(StatusCode::CREATED, session, NO_STORE)
}

/// 204.
pub fn no_content() -> Response {
    with_status(StatusCode::NO_CONTENT)
}

/// 202 without a body.
pub fn accepted() -> Response {
    with_status(StatusCode::ACCEPTED)
}

/// 200 with a task and its `ETag`.
pub fn task(task: &Task) -> Response {
    with(json(task), ETAG, &task.etag())
}

/// 304, because the client has this version; with the headers of the 200 that
/// say for how long (RFC 9110 section 15.4.5).
pub fn not_modified(task: &Task) -> Response {
    let response = with(with_status(StatusCode::NOT_MODIFIED), ETAG, &task.etag());
    with(response, CACHE_CONTROL, PRIVATE)
}

/// 201 with a new task, its `ETag` and where it is; 200 with one that the
/// same key has made before.
pub fn created(creation: &Creation) -> Response {
    match creation {
        Creation::New(new) => {
            let mut response = task(new);
            *response.status_mut() = StatusCode::CREATED;
            with(response, LOCATION, &format!("/api/v1/tasks/{}", new.id()))
        }
        Creation::Replayed(known) => with(task(known), REPLAYED, "true"),
    }
}

/// 200 with a page of tasks, and in `Link` where the next one is (RFC 8288).
pub fn page(request: &Request, list: &TaskList) -> Response {
    let mut response = json(list);
    if !list.is_counted() {
        response = with(response, PREFERENCE_APPLIED, "count=none");
    }
    match list.next_cursor() {
        Some(cursor) => with(response, LINK, &next_link(request, cursor)),
        None => response,
    }
}

/// 200 with the result of each operation of a batch.
pub fn batch(result: &BatchResult) -> Response {
    match result.is_replayed() {
        true => with(json(result), REPLAYED, "true"),
        false => json(result),
    }
}

/// 200 with keys that everybody may read and caches may keep for 5 minutes;
/// while there is no key yet, they may not.
pub fn public_keys(keys: &KeySet) -> Response {
    let caching = match keys.is_empty() {
        true => NO_STORE,
        false => "public, max-age=300",
    };
    with_body(StatusCode::OK, keys, caching)
}

/// 200 for a check that passed.
pub fn healthy() -> Response {
    unstored(&Health { status: "ok" })
}

/// A check that passed.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
}

/// The same list from the cursor on.
fn next_link(request: &Request, cursor: &str) -> String {
    let kept = request
        .uri()
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| {
            let (name, _) = pair.split_once('=').unwrap_or((pair, ""));
            !["", "cursor", "offset"].contains(&name)
        });
    let cursor = format!("cursor={cursor}");
    let query: Vec<&str> = kept.chain([cursor.as_str()]).collect();
    let url = format!("{}?{}", request.raw_http_path(), query.join("&"));
    format!(
        "<{}>; rel=\"next\"",
        utf8_percent_encode(&url, &NOT_IN_A_LINK)
    )
}

fn with_body(status: StatusCode, body: &impl Serialize, caching: &'static str) -> Response {
    let mut response = with_status(status);
    let body = serde_json::to_string(body).expect("our types have text for names");
    *response.body_mut() = Body::from(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}

fn with_status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    response
}

fn with(mut response: Response, name: HeaderName, value: &str) -> Response {
    let value = HeaderValue::from_str(value).expect("it is made of visible ASCII");
    response.headers_mut().insert(name, value);
    response
}
