//! Answers that went well.

use lambda_http::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, LINK, LOCATION, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Request, RequestExt, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::KeySet;
use crate::auth::{Profile, Session};
use crate::http::files::{Encoding, Found, Freshness, STRICT_POLICY};
use crate::model::conditions::has_version;
use crate::model::task::Task;
use crate::problem::Problem;
use crate::tasks::Export;
use crate::tasks::{BatchResult, ChangeList, Creation, Outcome, Stats, TaskList};

/// 200 with a task and its `ETag`.
///
/// # Errors
/// None that a client can cause; so of all functions here.
pub fn ok(task: &Task) -> Result<Response<Body>, Problem> {
    task_response(StatusCode::OK, task)
}

/// 304 with the `ETag` alone: the client has this version.
///
/// # Errors
/// See [`ok`].
pub fn not_modified(task: &Task) -> Result<Response<Body>, Problem> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    with(response, ETAG, &task.etag())
}

/// 201 with a new task, its `ETag` and where it is; 200 with one that the
/// same key has made before.
///
/// # Errors
/// See [`ok`].
pub fn created(creation: &Creation) -> Result<Response<Body>, Problem> {
    match creation {
        Creation::New(task) => {
            let response = task_response(StatusCode::CREATED, task)?;
            with(response, LOCATION, &format!("/api/v1/tasks/{}", task.id()))
        }
        Creation::Replayed(task) => with(ok(task)?, REPLAYED, "true"),
    }
}

/// 200 with a page of tasks, and in `Link` where the next one is (RFC 8288).
///
/// # Errors
/// See [`ok`].
pub fn page(request: &Request, list: &TaskList) -> Result<Response<Body>, Problem> {
    let mut response = json_response(StatusCode::OK, list, PRIVATE)?;
    if !list.is_counted() {
        response = with(response, PREFERENCE_APPLIED, "count=none")?;
    }
    match list.next_cursor() {
        Some(cursor) => with(response, LINK, &next_link(request, cursor)),
        None => Ok(response),
    }
}

/// 200 with what became of each operation of a batch.
///
/// # Errors
/// See [`ok`].
pub fn batch(batch: &BatchResult) -> Result<Response<Body>, Problem> {
    let body = Outcomes {
        results: &batch.outcomes,
    };
    let response = json_response(StatusCode::OK, &body, PRIVATE)?;
    match batch.is_replayed {
        true => with(response, REPLAYED, "true"),
        false => Ok(response),
    }
}

/// What became of the operations of a batch, in their order.
#[derive(Serialize, ToSchema)]
pub(crate) struct Outcomes<'a> {
    #[schema(value_type = Vec<Outcome>)]
    results: &'a [Outcome],
}

/// 200 with how many tasks were deleted.
///
/// # Errors
/// See [`ok`].
pub fn deleted(count: i64) -> Result<Response<Body>, Problem> {
    json_response(StatusCode::OK, &Deleted { deleted: count }, PRIVATE)
}

/// How many tasks were deleted.
#[derive(Serialize, ToSchema)]
pub(crate) struct Deleted {
    #[schema(minimum = 0)]
    deleted: i64,
}

/// 200 with what changed.
///
/// # Errors
/// See [`ok`].
pub fn changes(changes: &ChangeList) -> Result<Response<Body>, Problem> {
    json_response(StatusCode::OK, changes, PRIVATE)
}

/// 200 with how many tasks there are.
///
/// # Errors
/// See [`ok`].
pub fn stats(stats: &Stats) -> Result<Response<Body>, Problem> {
    json_response(StatusCode::OK, stats, PRIVATE)
}

/// 200 with everything that is stored of a user.
///
/// # Errors
/// See [`ok`].
pub fn export(export: &Export) -> Result<Response<Body>, Problem> {
    json_response(StatusCode::OK, export, NO_STORE)
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
    format!(
        "<{}?{}>; rel=\"next\"",
        request.raw_http_path(),
        query.join("&")
    )
}

/// 204.
pub fn no_content() -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// 201 for a new account, signed in.
///
/// # Errors
/// See [`ok`].
pub fn registered(session: &Session) -> Result<Response<Body>, Problem> {
    json_response(StatusCode::CREATED, session, NO_STORE)
}

/// 200 for an account, signed in.
///
/// # Errors
/// See [`ok`].
pub fn signed_in(session: &Session) -> Result<Response<Body>, Problem> {
    json_response(StatusCode::OK, session, NO_STORE)
}

/// 200 with what everybody may read and caches may keep for 5 minutes; while
/// there is no key yet, they may not.
///
/// # Errors
/// See [`ok`].
pub fn public_keys(keys: &KeySet) -> Result<Response<Body>, Problem> {
    let caching = if keys.is_empty() {
        NO_STORE
    } else {
        "public, max-age=300"
    };
    json_response(StatusCode::OK, keys, caching)
}

/// 200 with what a user may read of itself.
///
/// # Errors
/// See [`ok`].
pub fn profile(profile: &Profile) -> Result<Response<Body>, Problem> {
    json_response(StatusCode::OK, profile, PRIVATE)
}

/// 200 for a check that passed.
///
/// # Errors
/// See [`ok`].
pub fn healthy() -> Result<Response<Body>, Problem> {
    json_response(StatusCode::OK, &Health { status: "ok" }, NO_STORE)
}

/// A check that passed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    status: &'static str,
}

/// 200 with a file, or 304 when the client has this version of it.
///
/// # Errors
/// 400 when `If-None-Match` is not a list of entity tags.
pub fn file(request: &Request, found: &Found<'_>) -> Result<Response<Body>, Problem> {
    let file = found.file;
    let encoding = match file.is_compressible() {
        true => Encoding::accepted(&list_header(request, ACCEPT_ENCODING)),
        false => Encoding::Identity,
    };
    let opaque_tag = file.opaque_tag(encoding);
    let mut response = Response::new(Body::Empty);
    if has_version(request, &opaque_tag)? {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Body::from(file.content(encoding));
        let headers = response.headers_mut();
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        set(CONTENT_TYPE, file.media_type());
        set(CONTENT_SECURITY_POLICY, STRICT_POLICY);
        set(X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(REFERRER_POLICY, "no-referrer");
        if encoding == Encoding::Gzip {
            set(CONTENT_ENCODING, "gzip");
        }
    }
    let caching = match found.freshness {
        Freshness::Immutable => "public, max-age=31536000, immutable",
        Freshness::AskFirst => "no-cache",
    };
    let response = with(response, CACHE_CONTROL, caching)?;
    let response = with(response, VARY, "accept-encoding")?;
    with(response, ETAG, &format!("\"{opaque_tag}\""))
}

/// All values of a header that is a list, as one (RFC 9110 section 5.3).
fn list_header(request: &Request, name: HeaderName) -> String {
    let values = request.headers().get_all(name);
    let values: Vec<&str> = values.iter().filter_map(|it| it.to_str().ok()).collect();
    values.join(",")
}

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// One user's data: a browser may keep it but asks before each use.
const PRIVATE: &str = "private, no-cache";

/// RFC 6749 section 5.1 asks for this where tokens are.
const NO_STORE: &str = "no-store";

fn task_response(status: StatusCode, task: &Task) -> Result<Response<Body>, Problem> {
    let response = json_response(status, task, PRIVATE)?;
    with(response, ETAG, &task.etag())
}

fn json_response(
    status: StatusCode,
    body: &impl Serialize,
    caching: &'static str,
) -> Result<Response<Body>, Problem> {
    let body = serde_json::to_string(body).map_err(Problem::internal)?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    Ok(response)
}

fn with(
    mut response: Response<Body>,
    name: HeaderName,
    value: &str,
) -> Result<Response<Body>, Problem> {
    let value = HeaderValue::from_str(value).map_err(Problem::internal)?;
    response.headers_mut().insert(name, value);
    Ok(response)
}
