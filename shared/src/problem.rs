//! The one error towards clients: problem details (RFC 9457).
//!
//! What a client reads and what the log gets are two texts. The client's is a
//! sentence that says what to do; it never carries SQL, a host, a token or
//! anything that was typed into a form.

use std::borrow::Cow;
use std::fmt::Display;

use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Response};
use serde::Serialize;
use tokio_postgres::error::SqlState;

use crate::database::{Failure, Refusal};
use crate::fields::Violation;

/// Why a request was not served.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: Cow<'static, str>,
    violations: Vec<Violation>,
    header: Option<(&'static str, Cow<'static, str>)>,
    cause: Option<String>,
}

/// Each kind is one `type`, one title and one status; all of them 4xx or 5xx.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    TooLarge,
    UnsupportedMediaType,
    Invalid,
    TooManyRequests,
    Internal,
    Unavailable,
    OutcomeUnknown,
}

impl Kind {
    /// The name, which is also the last part of `type`.
    pub(crate) fn name(self) -> &'static str {
        self.parts().0
    }

    fn parts(self) -> (&'static str, &'static str, StatusCode) {
        match self {
            Self::BadRequest => (
                "bad-request",
                "The request is malformed",
                StatusCode::BAD_REQUEST,
            ),
            Self::Unauthorized => (
                "unauthorized",
                "You are not signed in",
                StatusCode::UNAUTHORIZED,
            ),
            Self::Forbidden => ("forbidden", "This is not yours", StatusCode::FORBIDDEN),
            Self::NotFound => ("not-found", "It does not exist", StatusCode::NOT_FOUND),
            Self::Conflict => ("conflict", "It exists already", StatusCode::CONFLICT),
            Self::TooLarge => (
                "too-large",
                "The request is too large",
                StatusCode::PAYLOAD_TOO_LARGE,
            ),
            Self::UnsupportedMediaType => (
                "unsupported-media-type",
                "The body is not JSON",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ),
            Self::Invalid => (
                "invalid",
                "A value breaks a rule",
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            Self::TooManyRequests => (
                "too-many-requests",
                "That was too often",
                StatusCode::TOO_MANY_REQUESTS,
            ),
            Self::Internal => (
                "internal",
                "The service made a mistake",
                StatusCode::INTERNAL_SERVER_ERROR,
            ),
            Self::Unavailable => (
                "unavailable",
                "The service is away for a moment",
                StatusCode::SERVICE_UNAVAILABLE,
            ),
            Self::OutcomeUnknown => (
                "outcome-unknown",
                "The outcome is unknown",
                StatusCode::SERVICE_UNAVAILABLE,
            ),
        }
    }
}

impl Problem {
    /// 400: not JSON, or not the right shape of request.
    pub(crate) fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::BadRequest, detail)
    }

    /// 401: no token.
    pub(crate) fn token_missing() -> Self {
        Self::new(
            Kind::Unauthorized,
            "Send a token: `Authorization: Bearer <access token>`.",
        )
        .with_header("www-authenticate", "Bearer")
    }

    /// 401: a token that is not (or no longer) good, without telling why.
    pub(crate) fn token_refused() -> Self {
        Self::new(
            Kind::Unauthorized,
            "The token is not valid (any more). Sign in again.",
        )
        .with_header("www-authenticate", r#"Bearer error="invalid_token""#)
    }

    /// 401: unknown e-mail address or wrong password.
    pub(crate) fn login_refused() -> Self {
        Self::new(
            Kind::Unauthorized,
            "The e-mail address or the password is wrong.",
        )
        .with_header("www-authenticate", "Bearer")
    }

    /// 401: a refresh token that is not (or no longer) good.
    pub(crate) fn refresh_refused() -> Self {
        Self::new(
            Kind::Unauthorized,
            "The refresh token is not valid (any more). Sign in again.",
        )
        .with_header("www-authenticate", "Bearer")
    }

    /// 403: the path names another user.
    pub(crate) fn not_yours() -> Self {
        Self::new(
            Kind::Forbidden,
            "The user in the path is not the user of the token.",
        )
    }

    /// 404: no such task, or another user's: the same.
    pub(crate) fn no_such_task() -> Self {
        Self::new(
            Kind::NotFound,
            "You have no task with this id. It may have been deleted.",
        )
    }

    /// 409: the e-mail address has an account.
    pub(crate) fn email_taken() -> Self {
        Self::new(
            Kind::Conflict,
            "This e-mail address has an account already. Sign in instead.",
        )
    }

    /// 409: what a password would have to confirm.
    pub(crate) fn no_password() -> Self {
        Self::new(
            Kind::Conflict,
            "This account has no password. Do this where you signed up.",
        )
    }

    /// 409: two changes at once.
    pub(crate) fn password_changed_meanwhile() -> Self {
        Self::new(
            Kind::Conflict,
            "The password was changed by another request at the same time. Sign in with that one.",
        )
    }

    /// 413: the body is larger than `max_kib`.
    pub(crate) fn too_large(max_kib: usize) -> Self {
        Self::new(
            Kind::TooLarge,
            format!("The body may have at most {max_kib} KiB."),
        )
    }

    /// 415: the body is not said to be JSON.
    pub(crate) fn not_json() -> Self {
        Self::new(
            Kind::UnsupportedMediaType,
            "Send the body as `Content-Type: application/json`.",
        )
    }

    /// 422: values that break rules, each named.
    pub(crate) fn invalid(violations: Vec<Violation>) -> Self {
        let mut problem = Self::new(
            Kind::Invalid,
            "Correct what `errors` names and send the request again; nothing was stored.",
        );
        problem.violations = violations;
        problem
    }

    /// 429: too many attempts to sign in.
    pub(crate) fn too_many_attempts(wait_seconds: i64) -> Self {
        Self::new(
            Kind::TooManyRequests,
            "There were too many attempts to sign in. Wait as long as Retry-After says.",
        )
        .with_header("retry-after", wait_seconds.to_string())
    }

    /// 500: a bug of ours; `cause` is for the log alone.
    pub(crate) fn internal(cause: impl Display) -> Self {
        Self::new(
            Kind::Internal,
            "This is not your fault. Nothing more is known here; the log has it under this request's id.",
        )
        .with_cause(cause.to_string())
    }

    /// 503: whoever could know the token's key has not answered yet.
    pub(crate) fn keys_unavailable() -> Self {
        Self::unavailable("no source of keys has answered yet".into())
    }

    /// 503: certainly not done.
    fn unavailable(cause: String) -> Self {
        Self::new(
            Kind::Unavailable,
            "The database can't be reached right now. Nothing was changed: send the request again.",
        )
        .with_header("retry-after", "2")
        .with_cause(cause)
    }

    /// 503: done or not done.
    fn outcome_unknown(cause: String) -> Self {
        Self::new(
            Kind::OutcomeUnknown,
            "The connection to the database broke before it answered. The change may have been made or not: read again before you repeat it.",
        )
        .with_header("retry-after", "1")
        .with_cause(cause)
    }

    fn refused(refusal: &Refusal) -> Self {
        let cause = format!(
            "SQLSTATE {}, constraint {:?}",
            refusal.state.code(),
            refusal.constraint
        );
        if refusal.constraint.as_deref() == Some("tasks_user_id_fkey") {
            return Self::token_refused();
        }
        if is_passing(&refusal.state) {
            return Self::unavailable(cause);
        }
        Self::internal(cause)
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// What the log is told and the client is not.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            violations: Vec::new(),
            header: None,
            cause: None,
        }
    }

    fn with_header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.header = Some((name, value.into()));
        self
    }

    fn with_cause(mut self, cause: String) -> Self {
        self.cause = Some(cause);
        self
    }

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

/// The one table from what the database says to what the client reads.
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::UserGone => Self::token_refused(),
            Failure::Unavailable(cause) => Self::unavailable(cause),
            Failure::Uncertain(cause) => Self::outcome_unknown(cause),
            Failure::Bug(cause) => Self::internal(cause),
            Failure::Refused(refusal) => Self::refused(&refusal),
        }
    }
}

/// States in which PostgreSQL refuses what it would accept at another time:
/// statement or lock time-out, standby or failover, and the classes 08
/// connection exception, 53 insufficient resources, 57 operator intervention,
/// 58 system error (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn is_passing(state: &SqlState) -> bool {
    [
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ]
    .contains(state)
        || ["08", "53", "57", "58"]
            .iter()
            .any(|class| state.code().starts_with(class))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem_of(code: &str, constraint: Option<&str>) -> Problem {
        Failure::Refused(Refusal {
            state: SqlState::from_code(code),
            constraint: constraint.map(str::to_owned),
        })
        .into()
    }

    #[test]
    fn a_state_that_passes_is_503_and_says_that_nothing_was_changed() {
        for code in [
            "57014", "57P03", "53100", "53300", "25006", "55P03", "58030", "08006",
        ] {
            let problem = problem_of(code, None);
            assert_eq!(problem.kind(), Kind::Unavailable, "{code}");
            let response = problem.into_response();
            assert_eq!(response.status(), 503);
            assert_eq!(response.headers()["retry-after"], "2");
        }
    }

    #[test]
    fn a_state_that_nobody_expects_is_500_and_shows_nothing() {
        for code in ["42601", "42501", "23514", "22P02", "XX000"] {
            let problem = problem_of(code, Some("tasks_title_check"));
            assert_eq!(problem.kind(), Kind::Internal, "{code}");
            assert!(problem.cause().is_some_and(|cause| cause.contains(code)));
            let Body::Text(body) = problem.into_response().into_body() else {
                panic!("the body is text");
            };
            assert!(!body.contains(code) && !body.contains("tasks"), "{body}");
        }
    }

    #[test]
    fn a_task_for_a_deleted_user_is_401() {
        let problem = problem_of("23503", Some("tasks_user_id_fkey"));
        assert_eq!(problem.kind(), Kind::Unauthorized);
    }

    #[test]
    fn an_unknown_outcome_is_told_apart_from_nothing_done() {
        let unknown = Problem::from(Failure::Uncertain("cut".into()));
        assert_eq!(unknown.kind(), Kind::OutcomeUnknown);
        assert_eq!(unknown.into_response().headers()["retry-after"], "1");
    }
}
