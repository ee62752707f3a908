//! A problem as a response: `application/problem+json`.

use lambda_http::http::HeaderValue;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use lambda_http::{Body, Response};
use serde::Serialize;

use super::Problem;
use crate::problem::Violation;

impl Problem {
    /// The response of RFC 9457 section 3.
    pub(crate) fn into_response(self) -> Response<Body> {
        let body = serde_json::to_string(&self.body()).expect("strings and numbers are JSON");
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.kind.status();
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

    /// The body that the client reads.
    pub(crate) fn body(&self) -> ProblemBody<'_> {
        ProblemBody {
            type_: self.kind.uri(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            errors: &self.violations,
        }
    }
}

/// Why a request was not served (RFC 9457).
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[cfg_attr(test, schema(as = Problem))]
pub(crate) struct ProblemBody<'a> {
    #[serde(rename = "type")]
    #[cfg_attr(test, schema(value_type = super::Kind))]
    type_: String,
    /// The same for all problems of this type.
    title: &'static str,
    /// The status of the answer.
    #[cfg_attr(test, schema(minimum = 400, maximum = 599))]
    status: u16,
    /// A sentence that says what to do.
    detail: &'a str,
    /// All values that break a rule.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[cfg_attr(test, schema(value_type = Vec<Violation>, required = false))]
    errors: &'a [Violation],
}
