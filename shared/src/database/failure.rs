//! How work on the database can fail, told apart by what is stored afterwards.

use std::error::Error as _;

use crate::problem::{Problem, Refusal};
use tokio_postgres::Error;

/// Why a call brought nothing back.
///
/// The texts inside are for the log; they hold no value that came from a
/// client, no host name and no password.
#[derive(Debug)]
pub(crate) enum Failure {
    /// PostgreSQL refused a statement; nothing is stored.
    Refused(Refusal),
    /// The database was away or too slow; nothing is stored.
    Unavailable(String),
    /// The answer was lost: it may be stored or not.
    Uncertain(String),
    /// A statement and its types do not match: a bug of ours.
    Bug(String),
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable(cause) => Self::unavailable(cause),
            Failure::Uncertain(cause) => Self::outcome_unknown(cause),
            Failure::Bug(cause) => Self::internal(cause),
            Failure::Refused(refusal) => Self::refused(&refusal),
        }
    }
}

/// A column that cannot be read as its Rust type.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Bug(describe(&error))
    }
}

/// `error` for the log. The message of a database error may quote a value
/// (`invalid input syntax for type uuid: "…"`), so only its code is told.
pub(crate) fn describe(error: &Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("SQLSTATE {}", error.code().code()),
        None => match error.source() {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Kind;

    #[test]
    fn an_unknown_outcome_is_told_apart_from_nothing_done() {
        let unknown = Problem::from(Failure::Uncertain("cut".into()));
        assert_eq!(unknown.kind(), Kind::OutcomeUnknown);
        assert_eq!(unknown.into_response().headers()["retry-after"], "1");
    }
}
