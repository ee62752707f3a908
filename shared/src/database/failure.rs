//! How work on the database can fail, told apart by what is stored afterwards.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

/// Why a flight brought nothing back.
///
/// The texts inside are for the log; they hold no value that came from a
/// client, no host name and no password.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The user of the token has no row any more; nothing is stored.
    UserGone,
    /// PostgreSQL refused a statement; nothing is stored.
    Refused(Refusal),
    /// The database was away or too slow; nothing is stored.
    Unavailable(String),
    /// The answer was lost: it may be stored or not.
    Uncertain(String),
    /// A statement and its types do not match: a bug of ours.
    Bug(String),
}

/// What PostgreSQL said of a statement that it refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) state: SqlState,
    pub(crate) constraint: Option<String>,
    /// Which of the flight's statements it was, from 0 on; of what stands
    /// around them, the first.
    pub(crate) statement: usize,
}

impl Refusal {
    pub(super) fn new(error: &DbError, statement: usize) -> Self {
        Self {
            state: error.code().clone(),
            constraint: error.constraint().map(str::to_owned),
            statement,
        }
    }

    /// Whether PostgreSQL refused what it would accept at another time:
    /// statement or lock time-out, standby or failover, and the classes 08
    /// connection exception, 53 insufficient resources, 57 operator
    /// intervention, 58 system error
    /// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
    pub(crate) fn is_passing(&self) -> bool {
        [
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ]
        .contains(&self.state)
            || ["08", "53", "57", "58"]
                .iter()
                .any(|class| self.state.code().starts_with(class))
    }
}

impl Failure {
    /// Whether the named unique constraint refused the statement.
    pub(crate) fn violates(&self, constraint: &str) -> bool {
        matches!(self, Self::Refused(refusal)
            if refusal.state == SqlState::UNIQUE_VIOLATION
                && refusal.constraint.as_deref() == Some(constraint))
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
