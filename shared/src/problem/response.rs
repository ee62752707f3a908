//! A problem as a response: `application/problem+json`.

use lambda_http::http::HeaderValue;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use lambda_http::{Body, Response};
use serde::Serialize;

use super::Problem;
use crate::fields::Violation;

impl Problem {
    /// The response of RFC 9457 section 3.
    pub(crate) fn into_response(self) -> Response<Body> {
        let (name, title, status) = self.kind.parts();
        let body = ProblemBody {
            type_: format!("/problems/{name}"),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            errors: &self.violations,
        };
        let body = serde_json::to_string(&body).expect("strings and numbers are always JSON");
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some((name, value)) = &self.header {
            let value = HeaderValue::from_str(value).expect("they are words and numbers of ours");
            headers.insert(*name, value);
        }
        response
    }
}

#[derive(Serialize)]
struct ProblemBody<'a> {
    #[serde(rename = "type")]
    type_: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Violation],
}
