//! The headers of answers.

use serde_json::Value;
use utoipa::openapi::Components;

use crate::http::STRICT_POLICY;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Ref, Type};

pub(super) const CACHE_CONTROL: &str = "Cache-Control";
pub(super) const CONTENT_ENCODING: &str = "Content-Encoding";
pub(super) const CONTENT_SECURITY_POLICY: &str = "Content-Security-Policy";
pub(super) const CONTENT_TYPE_OPTIONS: &str = "X-Content-Type-Options";
/// `ETag` where it may be absent.
pub(super) const CURRENT_ETAG: &str = "CurrentETag";
pub(super) const ETAG: &str = "ETag";
pub(super) const LINK: &str = "Link";
pub(super) const LOCATION: &str = "Location";
pub(super) const PREFERENCE_APPLIED: &str = "Preference-Applied";
pub(super) const REFERRER_POLICY: &str = "Referrer-Policy";
pub(super) const REPLAYED: &str = "Idempotency-Replayed";
pub(super) const REQUEST_ID: &str = "X-Request-Id";
pub(super) const RETRY_AFTER: &str = "Retry-After";
pub(super) const SERVER_TIMING: &str = "Server-Timing";
pub(super) const VARY: &str = "Vary";
pub(super) const WWW_AUTHENTICATE: &str = "WWW-Authenticate";

pub(super) const OF_EVERY_ANSWER: [&str; 2] = [REQUEST_ID, SERVER_TIMING];

/// The name of the header that stands in `components` under this key.
pub(super) fn name(key: &'static str) -> &'static str {
    match key {
        CURRENT_ETAG => ETAG,
        name => name,
    }
}

pub(super) fn reference(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}

pub(super) fn add_to(components: &mut Components) {
    for (name, always, description, schema_type, example) in table() {
        let schema = ObjectBuilder::new().schema_type(schema_type);
        let header = HeaderBuilder::new()
            .schema(Some(schema))
            .description(Some(description))
            .example(Some(example))
            // utoipa's headers have no `required` of their own.
            .extensions(Some(Extensions::from_iter([("required", always)])));
        components
            .headers
            .insert(name.to_owned(), header.build().into());
    }
}

/// Name, whether it is always there, meaning, type, example.
fn table() -> [(&'static str, bool, &'static str, Type, Value); 16] {
    [
        (
            CACHE_CONTROL,
            true,
            "Who may keep the answer and for how long.",
            Type::String,
            "private, no-cache".into(),
        ),
        (
            ETAG,
            true,
            "The version: what to send as `If-Match` with a change, or as `If-None-Match` to read it only if it is another one.",
            Type::String,
            "\"3\"".into(),
        ),
        (
            CONTENT_ENCODING,
            false,
            "How the content travels, if the client has said that it accepts that.",
            Type::String,
            "gzip".into(),
        ),
        (
            CONTENT_SECURITY_POLICY,
            true,
            "What the page may load and do: only what is served beside it.",
            Type::String,
            STRICT_POLICY.into(),
        ),
        (
            CONTENT_TYPE_OPTIONS,
            true,
            "The media type is not to be guessed.",
            Type::String,
            "nosniff".into(),
        ),
        (
            CURRENT_ETAG,
            false,
            "The current version of the task; absent for a batch.",
            Type::String,
            "\"4\"".into(),
        ),
        (
            LINK,
            false,
            "Where the next page is (RFC 8288); absent on the last one.",
            Type::String,
            "</api/v1/tasks?limit=50&cursor=Fh3…>; rel=\"next\"".into(),
        ),
        (
            LOCATION,
            true,
            "The path of the new task.",
            Type::String,
            "/api/v1/tasks/019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70".into(),
        ),
        (
            PREFERENCE_APPLIED,
            false,
            "The preference of `Prefer` that was followed.",
            Type::String,
            "count=none".into(),
        ),
        (
            REFERRER_POLICY,
            true,
            "Other sites are not told where a link was.",
            Type::String,
            "no-referrer".into(),
        ),
        (
            REPLAYED,
            true,
            "The task was created by an earlier request with this `Idempotency-Key`.",
            Type::String,
            "true".into(),
        ),
        (
            REQUEST_ID,
            true,
            "What to name when something is reported: the log has the request under it.",
            Type::String,
            "b55a5674-7123-45ac-b1ed-d2a94baff794".into(),
        ),
        (
            RETRY_AFTER,
            true,
            "How many seconds to wait before the next try.",
            Type::Integer,
            2.into(),
        ),
        (
            SERVER_TIMING,
            false,
            "Where the time went, if the operator lets it be told.",
            Type::String,
            "db;dur=0.597, trips;desc=\"1\", total;dur=0.781, start;desc=\"warm\"".into(),
        ),
        (
            VARY,
            true,
            "What of a request decides how the content travels.",
            Type::String,
            "accept-encoding".into(),
        ),
        (
            WWW_AUTHENTICATE,
            true,
            "How to sign in (RFC 6750).",
            Type::String,
            "Bearer error=\"invalid_token\"".into(),
        ),
    ]
}
