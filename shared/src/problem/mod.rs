//! The one error towards clients: problem details (RFC 9457).
//!
//! The client and the log get two texts. The client's is a sentence that says
//! what to do; it never carries SQL, a host, a token or anything that was typed
//! into a form.

mod kind;
mod response;
mod sqlstate;
mod violation;

use std::borrow::Cow;
use std::fmt::Display;

pub(crate) use kind::Kind;
#[cfg(test)]
pub(crate) use response::ProblemBody;
pub(crate) use sqlstate::Refusal;
pub(crate) use violation::{Rule, Violation};

/// How many broken rules a problem names: a body of junk is not sent back.
const MAX_VIOLATIONS: usize = 50;

/// Why a request was not served.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: Cow<'static, str>,
    violations: Vec<Violation>,
    header: Option<(&'static str, Cow<'static, str>)>,
    cause: Option<String>,
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

    /// 401: the same with the reason, on a developer's machine.
    pub(crate) fn token_refused_because(reason: String) -> Self {
        Self {
            detail: reason.into(),
            ..Self::token_refused()
        }
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

    /// 401: a refresh token that was used before; to the client the same.
    pub(crate) fn refresh_reused() -> Self {
        Self::refresh_refused()
            .with_cause("a refresh token was used twice; its sign-in was ended".into())
    }

    /// 403: the path names another user.
    pub(crate) fn not_yours() -> Self {
        Self::new(
            Kind::Forbidden,
            "The user in the path is not the user of the token.",
        )
    }

    /// 403: everybody comes through the proxy.
    pub(crate) fn past_the_proxy() -> Self {
        Self::new(
            Kind::Forbidden,
            "This address is not open to clients. Use the service's own.",
        )
    }

    /// 403: there are no new built-in accounts.
    pub(crate) fn registration_closed() -> Self {
        Self::new(
            Kind::RegistrationClosed,
            "Accounts are not registered here. Sign up where you found this service.",
        )
    }

    /// 404: no such task, or another user's: the same.
    pub(crate) fn no_such_task() -> Self {
        Self::new(
            Kind::NotFound,
            "You have no task with this id. It may have been deleted.",
        )
    }

    /// 404: no such file.
    pub(crate) fn no_such_file() -> Self {
        Self::new(Kind::NotFound, "There is no file of this name here.")
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

    /// 404: the same, for an operation of a batch.
    pub(crate) fn no_such_task_in_batch(operation: usize) -> Self {
        Self::new(
            Kind::NotFound,
            "Nothing was changed, because an operation names a task that you do not have. Take it out and send the rest again.",
        )
        .with_violation(
            format!("/operations/{operation}/id"),
            "is of no task of yours. It may have been deleted.",
        )
    }

    /// 410: an Idempotency-Key whose task was deleted.
    pub(crate) fn created_and_deleted() -> Self {
        Self::new(
            Kind::Gone,
            "The task that this Idempotency-Key has created was deleted. Take a new key for a new task.",
        )
    }

    /// 410: an Idempotency-Key of a batch, one of whose tasks was deleted.
    pub(crate) fn batch_deleted() -> Self {
        Self::new(
            Kind::Gone,
            "The batch under this Idempotency-Key was done, and a task of it was deleted since. Read your tasks again.",
        )
    }

    /// 410: changes from before what is remembered.
    pub(crate) fn changes_forgotten() -> Self {
        Self::new(
            Kind::Gone,
            "Changes since then are not known any more: deletions are remembered for 30 days, and nothing beyond a restored database. Start again without `since`.",
        )
    }

    /// 412: the same as [`Problem::changed_meanwhile`], for an operation of a
    /// batch.
    pub(crate) fn changed_meanwhile_in_batch(operation: usize) -> Self {
        Self::new(
            Kind::PreconditionFailed,
            "Nothing was changed, because a task is not at the version that an operation names. Read it, then send the batch again.",
        )
        .with_violation(
            format!("/operations/{operation}/version"),
            "is not the task's version any more.",
        )
    }

    /// 412: the task is not at a version that the client named.
    pub(crate) fn changed_meanwhile(etag: &str) -> Self {
        Self::new(
            Kind::PreconditionFailed,
            "The task was changed since you read it; its current version is in `ETag`. Read it, then send your change again.",
        )
        .with_header("etag", etag.to_owned())
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

    /// 422: values that break rules, the first 50 of them named.
    pub(crate) fn invalid(mut violations: Vec<Violation>) -> Self {
        let detail = match violations.len() {
            ..=MAX_VIOLATIONS => {
                "Correct what `errors` names and send the request again; nothing was stored."
            }
            _ => {
                "Correct what `errors` names and send the request again; nothing was stored. There are more than 50 errors, of which the first 50 are named."
            }
        };
        violations.truncate(MAX_VIOLATIONS);
        let mut problem = Self::new(Kind::Invalid, detail);
        problem.violations = violations;
        problem
    }

    /// 422: the same Idempotency-Key with another body.
    pub(crate) fn key_reused() -> Self {
        Self::new(
            Kind::IdempotencyKeyReused,
            "You have sent another body under this Idempotency-Key. Take a new key for a new request.",
        )
    }

    /// 422: a token of a link that is unknown, used or too old: the same.
    pub(crate) fn reset_refused() -> Self {
        Self::invalid(vec![Violation {
            pointer: "/token".into(),
            detail: "is not valid (any more). Ask for another link.".into(),
        }])
    }

    /// 429: too many attempts, to sign in or to reset a password.
    pub(crate) fn too_many_attempts(wait_seconds: i32) -> Self {
        Self::new(
            Kind::TooManyRequests,
            "There were too many attempts. Wait as long as Retry-After says.",
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

    /// 501: the operator has set no SMTP_URL.
    pub(crate) fn no_mail() -> Self {
        Self::new(
            Kind::NotOffered,
            "Forgotten passwords can't be reset here, because this service sends no mail. Ask whoever runs it.",
        )
    }

    /// 503: whoever could know the token's key has not answered yet.
    pub(crate) fn keys_unavailable() -> Self {
        Self::unavailable("no source of keys has answered yet".into())
    }

    /// 503: certainly not done.
    pub(crate) fn unavailable(cause: String) -> Self {
        Self::new(
            Kind::Unavailable,
            "What this request needs can't be reached right now. Nothing was changed: send the request again.",
        )
        .with_header("retry-after", "2")
        .with_cause(cause)
    }

    /// 503: done or not done.
    pub(crate) fn outcome_unknown(cause: String) -> Self {
        Self::new(
            Kind::OutcomeUnknown,
            "The connection to the database broke before it answered. The change may have been made or not: read again before you repeat it.",
        )
        .with_header("retry-after", "1")
        .with_cause(cause)
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The cause, for the log alone.
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

    fn with_violation(mut self, pointer: String, detail: &'static str) -> Self {
        let detail = detail.into();
        self.violations.push(Violation { pointer, detail });
        self
    }

    pub(crate) fn with_cause(mut self, cause: String) -> Self {
        self.cause = Some(cause);
        self
    }
}
