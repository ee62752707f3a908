//! The proof that an answer, or its absence, gives about a call.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};

use super::call::Progress;
use super::failure::{Failure, describe};
use crate::problem::Refusal;

/// The fate of a call.
pub(super) enum Verdict<T> {
    /// Committed.
    Done(T),
    /// Refused for good; nothing is stored.
    Refused(Failure),
    /// Certainly not executed; another try may succeed.
    NotDone(String),
    /// The answer was lost.
    Uncertain(String),
}

/// Judges the error that a call ended with.
///
/// An error of PostgreSQL itself means that the transaction was rolled back,
/// unless it ended the session after the function had come to its end: then
/// the commit may be done. An error of a pooler proves nothing once it may
/// have had a server for us.
pub(super) fn judge<T>(error: &Error, progress: Progress) -> Verdict<T> {
    let cause = describe(error);
    let Some(refusal) = error.as_db_error() else {
        return match is_lost(error) {
            true => Verdict::Uncertain(cause),
            false => Verdict::Refused(Failure::Bug(cause)),
        };
    };
    if is_of_a_pooler(refusal) {
        return match is_before_a_server(refusal) {
            true => Verdict::NotDone(cause),
            false => Verdict::Uncertain(cause),
        };
    }
    let ends_the_session = matches!(
        refusal.parsed_severity(),
        Some(Severity::Fatal | Severity::Panic)
    );
    match ends_the_session {
        true if progress == Progress::Completed => Verdict::Uncertain(cause),
        true => Verdict::NotDone(cause),
        false if is_worth_another_try(refusal) => Verdict::NotDone(cause),
        false => Verdict::Refused(Failure::Refused(Refusal::new(refusal))),
    }
}

/// Every error of PostgreSQL since 9.6 has a severity that is never
/// translated; PgBouncer's and those of Neon's proxy have none
/// (<https://www.postgresql.org/docs/current/protocol-error-fields.html>).
fn is_of_a_pooler(refusal: &DbError) -> bool {
    refusal.parsed_severity().is_none()
}

/// The errors of PgBouncer before a client has a server: no login, no such
/// database, or none was free in time. It has one code for everything, so its
/// texts decide (<https://github.com/pgbouncer/pgbouncer/blob/master/src/objects.c>).
fn is_before_a_server(refusal: &DbError) -> bool {
    [
        "query_wait_timeout",
        "server login has been failing",
        "server login failed",
        "no more connections allowed",
        "no such database",
        "no such user",
        "client_login_timeout",
        "authentication failed",
        "database does not allow connections",
    ]
    .iter()
    .any(|text| refusal.message().contains(text))
}

fn is_worth_another_try(refusal: &DbError) -> bool {
    [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ]
    .contains(refusal.code())
}

/// Whether the connection broke, rather than our own encoding or decoding.
fn is_lost(error: &Error) -> bool {
    error.is_closed()
        || error
            .source()
            .is_some_and(|source| source.is::<std::io::Error>())
}
