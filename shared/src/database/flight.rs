//! A flight: a transaction that crosses the network once.
//!
//! `begin`, the identity, the statements and `commit` are all queued before
//! the first answer is awaited. The server never waits for the client inside
//! the transaction, so a frozen function holds no lock and no server
//! connection of the pooler.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use tokio::time::{Duration, Instant, timeout_at};
use tokio_postgres::error::{DbError, Severity, SqlState};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row};

use super::connection::Connection;
use super::failure::{Failure, describe};
use crate::invocation;
use crate::model::UserId;
use crate::problem::Refusal;

/// The server gives up before the client does, so that its answer is heard.
const SERVER_MARGIN: Duration = Duration::from_millis(250);

/// No statement of ours is meant to take longer.
const STATEMENT_LIMIT: Duration = Duration::from_secs(5);

/// As many as `join_all` polls in order, and as many groups of as many.
const JOINED_IN_ORDER: usize = 30;

/// Who flies, with which rights, and what a lost answer means.
pub(crate) struct Flight<'a> {
    access: Access,
    owner: Option<&'a UserId>,
    role: &'static str,
    /// A setting of the planner, or nothing.
    planning: &'static str,
    was_repeated: AtomicBool,
}

/// What a flight does to the database.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Access {
    /// Reads, all statements from one snapshot.
    Read,
    /// Writes what may be written twice: the second time changes nothing.
    RepeatableWrite,
    /// Writes what must not be written twice.
    Write,
}

impl<'a> Flight<'a> {
    /// On the tasks of `owner`, bounded to them by row-level security.
    pub(crate) fn of(owner: &'a UserId, access: Access) -> Self {
        Self::new("todo_user", Some(owner), access)
    }

    /// On tasks, of which row-level security then shows none.
    pub(crate) fn of_nobody(access: Access) -> Self {
        Self::new("todo_user", None, access)
    }

    /// On the account of `owner`; every statement names the owner itself.
    pub(crate) fn of_account(owner: &'a UserId, access: Access) -> Self {
        Self::new("todo_auth", Some(owner), access)
    }

    /// On accounts and keys, before anybody is signed in.
    pub(crate) fn of_sign_in(access: Access) -> Self {
        Self::new("todo_auth", None, access)
    }

    fn new(role: &'static str, owner: Option<&'a UserId>, access: Access) -> Self {
        Self {
            access,
            owner,
            role,
            planning: "",
            was_repeated: AtomicBool::new(false),
        }
    }

    /// What is read in the order of an index is not sorted instead. Of a list's
    /// last rows the planner thinks that they are so few that it may as well;
    /// where it is wrong about that, it is dear. Not for statements that have
    /// to sort: then this would look like a great cost, and be worth compiling.
    pub(crate) fn in_index_order(self) -> Self {
        Self {
            planning: "; set local enable_sort = off",
            ..self
        }
    }

    /// Whether it was flown once more after an answer was lost: what it was to
    /// do may have been done the first time.
    pub(crate) fn was_repeated(&self) -> bool {
        self.was_repeated.load(Ordering::Relaxed)
    }

    pub(super) fn repeat(&self) {
        self.was_repeated.store(true, Ordering::Relaxed);
    }

    /// What a failure of the last try comes to: of an earlier one, whose
    /// answer was lost, it says nothing.
    pub(super) fn settle(&self, failure: Failure) -> Failure {
        match failure {
            failure if self.is_read() || !self.was_repeated() => failure,
            Failure::Unavailable(cause) => Failure::Uncertain(cause),
            Failure::Refused(refusal) if refusal.is_passing() => {
                Failure::Uncertain(format!("SQLSTATE {}", refusal.state.code()))
            }
            failure => failure,
        }
    }

    pub(super) fn is_read(&self) -> bool {
        self.access == Access::Read
    }

    pub(super) fn is_repeatable(&self) -> bool {
        self.access != Access::Write
    }

    /// Nothing in here comes from a client.
    fn begin(&self, statement_timeout: Duration) -> String {
        let mode = match self.access {
            Access::Read => "isolation level repeatable read, read only",
            Access::RepeatableWrite | Access::Write => "read write",
        };
        format!(
            "begin {mode}; set local role {}; set local statement_timeout = {}{}",
            self.role,
            statement_timeout.as_millis().max(1),
            self.planning,
        )
    }
}

/// One statement and its typed parameters.
///
/// The types are told and not asked for: asking costs a round trip and names
/// the statement on the server, which another process behind the same pooler
/// may have named too.
pub(crate) struct Statement<'a> {
    sql: String,
    parameters: Vec<(Box<dyn ToSql + Sync + Send + 'a>, Type)>,
}

impl<'a> Statement<'a> {
    pub(crate) fn new(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            parameters: Vec::new(),
        }
    }

    /// What follows in the flight is bounded to the tasks of its owner, also
    /// where the flight began with other rights.
    pub(crate) fn become_todo_user() -> Self {
        Self::new("set local role todo_user")
    }

    /// Binds the next parameter.
    pub(crate) fn bind(mut self, value: impl ToSql + Sync + Send + 'a, sql_type: Type) -> Self {
        self.parameters.push((Box::new(value), sql_type));
        self
    }

    /// Another text, made from this one, for the same parameters.
    pub(crate) fn rewrite(self, text: impl FnOnce(&str) -> String) -> Self {
        Self {
            sql: text(&self.sql),
            ..self
        }
    }

    async fn run(&self, client: &Client) -> Result<Vec<Row>, Error> {
        let parameters: Vec<(&(dyn ToSql + Sync), Type)> = self
            .parameters
            .iter()
            .map(|(value, sql_type)| (&**value as _, sql_type.clone()))
            .collect();
        client.query_typed(&self.sql, &parameters).await
    }
}

/// What a flight came to.
pub(crate) enum Verdict<T> {
    /// Committed.
    Done(T),
    /// Refused for good; nothing is stored.
    Refused(Failure),
    /// Certainly not executed; another try may succeed.
    NotDone(String),
    /// The answer was lost.
    Uncertain(String),
}

impl Connection {
    /// Flies once. The connection comes back unless it is of no more use.
    pub(super) async fn fly(
        self,
        flight: &Flight<'_>,
        statements: &[Statement<'_>],
        deadline: Instant,
    ) -> (Verdict<Vec<Vec<Row>>>, Option<Self>) {
        invocation::add_round_trip();
        match timeout_at(deadline, self.cross(flight, statements, deadline)).await {
            Ok(verdict) => {
                let keep = self.is_open() && !matches!(verdict, Verdict::Uncertain(_));
                (verdict, keep.then_some(self))
            }
            // What was sent will still be executed, so the connection goes.
            Err(_) => (Verdict::Uncertain("no answer in time".into()), None),
        }
    }

    async fn cross(
        &self,
        flight: &Flight<'_>,
        statements: &[Statement<'_>],
        deadline: Instant,
    ) -> Verdict<Vec<Vec<Row>>> {
        let left = deadline.saturating_duration_since(Instant::now());
        let begin = flight.begin(left.saturating_sub(SERVER_MARGIN).min(STATEMENT_LIMIT));
        // Each future sends in its first poll, in this order. Never
        // `try_join!`: it would leave at the first error, and with `commit`
        // unsent the transaction and its user stay on the server connection.
        let (begun, owner, answers, committed) = tokio::join!(
            biased;
            self.client.batch_execute(&begin),
            self.identify(flight.owner),
            self.run(statements),
            self.client.batch_execute("commit"),
        );
        if let Err(error) = begun {
            return judge(&error, 0);
        }
        match owner {
            Ok(true) => {}
            Ok(false) => return Verdict::Refused(Failure::UserGone),
            Err(error) => return judge(&error, 0),
        }
        let mut rows = Vec::with_capacity(answers.len());
        for (index, answer) in answers.into_iter().enumerate() {
            match answer {
                Ok(answer) => rows.push(answer),
                Err(error) => return judge(&error, index),
            }
        }
        match committed {
            Ok(()) => Verdict::Done(rows),
            Err(error) => judge_commit(&error),
        }
    }

    /// Runs all statements, each of them sent in the first poll and in order.
    ///
    /// That is what `join_all` does with up to 30 futures; with more, the
    /// order in which it polls them is its own affair, so they come in groups.
    async fn run(&self, statements: &[Statement<'_>]) -> Vec<Result<Vec<Row>, Error>> {
        let groups = statements.chunks(JOINED_IN_ORDER).map(|group| {
            let group = group.iter().map(|statement| statement.run(&self.client));
            join_all(group)
        });
        join_all(groups).await.into_iter().flatten().collect()
    }

    /// Tells row-level security who flies; `false` when the user is gone or
    /// banned.
    async fn identify(&self, owner: Option<&UserId>) -> Result<bool, Error> {
        let Some(owner) = owner else {
            return Ok(true);
        };
        let row = self
            .client
            .query_typed_one("select identify($1)", &[(&owner.as_str(), Type::TEXT)])
            .await?;
        row.try_get(0)
    }
}

/// A failure before `commit` was reached: an error that the server sent means
/// that the transaction was rolled back.
fn judge<T>(error: &Error, statement: usize) -> Verdict<T> {
    match error.as_db_error() {
        Some(refusal) if may_pass_at_once(refusal) => Verdict::NotDone(describe(error)),
        Some(refusal) => Verdict::Refused(Failure::Refused(Refusal::new(refusal, statement))),
        None if is_lost(error) => Verdict::Uncertain(describe(error)),
        None => Verdict::Refused(Failure::Bug(describe(error))),
    }
}

/// A failure of `commit` itself. When the server ends the session here, the
/// transaction may have been committed just before.
fn judge_commit<T>(error: &Error) -> Verdict<T> {
    match error.as_db_error() {
        Some(refusal) if is_fatal(refusal) => Verdict::Uncertain(describe(error)),
        _ => judge(error, 0),
    }
}

fn may_pass_at_once(refusal: &DbError) -> bool {
    is_fatal(refusal)
        || [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
        ]
        .contains(refusal.code())
}

/// PgBouncer's errors have no machine-readable severity, so the text counts.
fn is_fatal(refusal: &DbError) -> bool {
    matches!(
        refusal.parsed_severity(),
        Some(Severity::Fatal | Severity::Panic)
    ) || ["FATAL", "PANIC"].contains(&refusal.severity())
}

/// Whether the connection broke, rather than our own encoding or decoding.
fn is_lost(error: &Error) -> bool {
    use std::error::Error as _;
    error.is_closed()
        || error
            .source()
            .is_some_and(|source| source.is::<std::io::Error>())
}
