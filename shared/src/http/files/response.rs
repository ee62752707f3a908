//! A file as an answer.

use lambda_http::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HeaderName, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Request};

use super::super::Response;
use super::{Encoding, Found, Freshness, STRICT_POLICY};
use crate::model::conditions::has_version;
use crate::problem::Problem;

/// 200 with a file, or 304 when the client has this version of it.
///
/// # Errors
/// 400 when `If-None-Match` is not a list of entity tags.
pub fn file(request: &Request, found: &Found<'_>) -> Result<Response, Problem> {
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
    let etag = HeaderValue::from_str(&format!("\"{opaque_tag}\"")).map_err(Problem::internal)?;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(ETAG, etag);
    Ok(response)
}

/// All values of a header that is a list, as one (RFC 9110 section 5.3).
fn list_header(request: &Request, name: HeaderName) -> String {
    let values = request.headers().get_all(name);
    let values: Vec<&str> = values.iter().filter_map(|it| it.to_str().ok()).collect();
    values.join(",")
}
