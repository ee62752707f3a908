//! The one table from what the database says to what the client reads.

use tokio_postgres::error::{DbError, SqlState};

use super::Problem;

/// The error with which PostgreSQL refused a call.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) state: SqlState,
    pub(crate) constraint: Option<String>,
    /// Which operation of a batch it was, from 0 on.
    place: Option<usize>,
}

impl Refusal {
    pub(crate) fn new(error: &DbError) -> Self {
        Self {
            state: error.code().clone(),
            constraint: error.constraint().map(str::to_owned),
            place: error.detail().and_then(|detail| detail.parse().ok()),
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

impl Problem {
    /// The problem that a refusal of PostgreSQL is to a client. The states that begin
    /// with TD are raised by our own functions.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        let cause = format!(
            "SQLSTATE {}, constraint {:?}",
            refusal.state.code(),
            refusal.constraint
        );
        match (refusal.state.code(), refusal.constraint.as_deref()) {
            ("TD401", _) | (_, Some("tasks_user_id_fkey")) => Self::token_refused(),
            ("TD404", _) => Self::no_such_task_in_batch(refusal.place.unwrap_or_default()),
            ("TD410", _) => Self::batch_deleted(),
            ("TD412", _) => Self::changed_meanwhile_in_batch(refusal.place.unwrap_or_default()),
            ("TD422", _) => Self::key_reused(),
            (_, Some("user_email_key")) => Self::email_taken(),
            _ if refusal.is_passing() => Self::unavailable(cause),
            _ => Self::internal(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;

    use super::*;
    use crate::problem::Kind;

    fn problem_of(code: &str, constraint: Option<&str>) -> Problem {
        Problem::refused(&Refusal {
            state: SqlState::from_code(code),
            constraint: constraint.map(str::to_owned),
            place: None,
        })
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
}
