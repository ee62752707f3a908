//! The one table from what the database says to what the client reads.

use super::Problem;
use crate::database::{Failure, Refusal};

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

impl Problem {
    fn refused(refusal: &Refusal) -> Self {
        let cause = format!(
            "SQLSTATE {}, constraint {:?}",
            refusal.state.code(),
            refusal.constraint
        );
        if refusal.constraint.as_deref() == Some("tasks_user_id_fkey") {
            return Self::token_refused();
        }
        if refusal.is_passing() {
            return Self::unavailable(cause);
        }
        Self::internal(cause)
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;
    use tokio_postgres::error::SqlState;

    use super::*;
    use crate::problem::Kind;

    fn problem_of(code: &str, constraint: Option<&str>) -> Problem {
        Failure::Refused(Refusal {
            state: SqlState::from_code(code),
            constraint: constraint.map(str::to_owned),
            statement: 0,
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
