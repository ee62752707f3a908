//! The parts of a request that handlers read.

use std::net::{IpAddr, Ipv4Addr};

use chrono::NaiveDate;
use lambda_http::http::header::CONTENT_TYPE;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt};
use uuid::Uuid;

use super::proxy::ViewerAddress;
use crate::input::fields::{Fields, FromFields};
use crate::input::path::path_parameter;
use crate::input::query::Query;
use crate::model::IdempotencyKey;
use crate::model::page::{Page, Total};
use crate::model::since::Since;
use crate::model::task::{calendar_day, parse_id};
use crate::problem::Problem;

const MAX_BODY_KIB: usize = 256;

/// Reads the body as JSON and checks it.
///
/// # Errors
/// 413 above 256 KiB, 415 when it is not said to be JSON, 400 when it is not
/// a JSON object or has an `Idempotency-Key`, 422 with every value that breaks
/// a rule.
pub fn json_body<T: FromFields>(request: &Request) -> Result<T, Problem> {
    IdempotencyKey::refuse(request)?;
    keyed_json_body(request)
}

/// Reads the body of a request that an `Idempotency-Key` makes safe to repeat.
///
/// # Errors
/// See [`json_body`].
pub fn keyed_json_body<T: FromFields>(request: &Request) -> Result<T, Problem> {
    let bytes = match request.body() {
        Body::Text(text) => text.as_bytes(),
        Body::Binary(bytes) => bytes.as_slice(),
        _ => &[],
    };
    if bytes.len() > MAX_BODY_KIB * 1024 {
        return Err(Problem::too_large(MAX_BODY_KIB));
    }
    if !is_json(request) {
        return Err(Problem::not_json());
    }
    let fields = Fields::parse(bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            Problem::bad_request("The body must be one JSON object, each name in it once.")
        }
        _ => Problem::bad_request(format!(
            "The body is not JSON: look at line {}, column {}.",
            error.line(),
            error.column(),
        )),
    })?;
    fields.into().map_err(Problem::invalid)
}

/// The `{task_id}` of the path.
///
/// # Errors
/// 400 when it is not a UUID in its usual form of 36 characters.
pub fn task_id(request: &Request) -> Result<Uuid, Problem> {
    let text = path_parameter(request, "task_id").unwrap_or_default();
    parse_id(&text).map_err(|rule| Problem::bad_request(format!("The task id in the path {rule}")))
}

/// The page that the query asks for.
///
/// # Errors
/// 400 for a parameter that is unknown or stands twice and for a cursor of
/// another list, 422 for a value out of its range.
pub fn page(request: &Request) -> Result<Page, Problem> {
    let total = match prefers(request, "count=none") {
        true => Total::None,
        false => Total::Exact,
    };
    Page::parse(query(request), total)
}

/// The page of everything that the query asks for.
///
/// # Errors
/// As for [`page`].
pub fn page_of_everything(request: &Request) -> Result<Page, Problem> {
    Page::of_everything(query(request))
}

/// From where on the query asks for changes.
///
/// # Errors
/// 400 for a parameter that is unknown or stands twice and for a token of
/// another service, 422 for a value out of its range.
pub fn since(request: &Request) -> Result<Since, Problem> {
    Since::parse(query(request))
}

/// The day where the user is, when the query says so.
///
/// # Errors
/// 400 for a parameter that is unknown or stands twice, 422 for what is no
/// day.
pub fn today(request: &Request) -> Result<Option<NaiveDate>, Problem> {
    let mut query = Query::read(query(request));
    let today = query.one("today", calendar_day);
    query.finish()?;
    Ok(today)
}

/// Makes sure that the query says `completed=true`, so that nobody deletes
/// everything by mistake.
///
/// # Errors
/// 400 when it says anything else, or has an `Idempotency-Key`.
pub fn expect_completed(request: &Request) -> Result<(), Problem> {
    IdempotencyKey::refuse(request)?;
    match query(request).collect::<Vec<_>>()[..] {
        [("completed", "true")] => Ok(()),
        _ => Err(Problem::bad_request(
            "Only completed tasks can be deleted together: send `?completed=true` and nothing else.",
        )),
    }
}

/// The parameters of the query, decoded.
fn query(request: &Request) -> impl Iterator<Item = (&str, &str)> {
    let parameters = request.query_string_parameters_ref();
    parameters
        .into_iter()
        .flat_map(|parameters| parameters.iter())
}

/// Whether a `Prefer` header (RFC 7240) has this preference; others are for
/// others to know.
fn prefers(request: &Request, preference: &str) -> bool {
    request
        .headers()
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().eq_ignore_ascii_case(preference))
}

/// Where the request came from, as a trusted proxy or else API Gateway saw it:
/// any other header could say anything.
pub fn source_address(request: &Request) -> IpAddr {
    if let Some(ViewerAddress(address)) = request.extensions().get() {
        return *address;
    }
    let address = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref(),
        _ => None,
    };
    // Callers without an address are counted together.
    address
        .and_then(|address| address.parse().ok())
        .unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// Whether the path ends in this segment, for a function with two routes.
pub fn is_about(request: &Request, last_segment: &str) -> bool {
    request.raw_http_path().rsplit('/').next() == Some(last_segment)
}

/// `application/json` or any `…+json` (RFC 6839), in UTF-8, which is all that
/// JSON may be in (RFC 8259 section 8.1).
fn is_json(request: &Request) -> bool {
    let Some(value) = request.headers().get(CONTENT_TYPE) else {
        return false;
    };
    let media_type = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let (essence, parameters) = media_type.split_once(';').unwrap_or((&media_type, ""));
    let essence = essence.trim();
    let other_charset = parameters
        .split(';')
        .filter_map(|parameter| parameter.trim().strip_prefix("charset="))
        .any(|charset| charset.trim_matches('"') != "utf-8");
    let json = essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"));
    json && !other_charset
}
