//! The one connection to the database, and the only module that touches it.
//!
//! There is no pool: an execution environment of Lambda serves one request at
//! a time, and the pooler on the other side does the pooling. The connection
//! is kept while the environment is warm and opened again when it is gone.

mod connection;
mod failure;
mod flight;

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

pub(crate) use connection::{Connection, Connector};
pub(crate) use failure::Failure;
pub(crate) use flight::{Access, Flight, Statement};

use crate::invocation;
use flight::Verdict;

/// How often work is tried before it is given up, each time on a connection
/// that is open or newly opened.
const ATTEMPTS: u32 = 3;

/// The database, reached over at most one connection.
pub(crate) struct Database {
    connector: Connector,
    slot: Mutex<Option<Connection>>,
}

impl Database {
    pub(crate) fn new(connector: Connector) -> Self {
        Self {
            connector,
            slot: Mutex::new(None),
        }
    }

    /// Runs `statements` as one transaction in one network round trip, and
    /// returns the rows of each.
    ///
    /// The connection is held to the end, so that two flights never mix.
    ///
    /// # Errors
    /// A [`Failure`] that says whether anything can have been stored.
    pub(crate) async fn fly<const N: usize>(
        &self,
        flight: &Flight<'_>,
        statements: [Statement<'_>; N],
    ) -> Result<[Vec<Row>; N], Failure> {
        let rows = self.fly_all(flight, &statements).await?;
        rows.try_into()
            .map_err(|_| Failure::Bug("an answer is missing".into()))
    }

    /// The same for any number of statements.
    ///
    /// # Errors
    /// See [`Database::fly`].
    pub(crate) async fn fly_all(
        &self,
        flight: &Flight<'_>,
        statements: &[Statement<'_>],
    ) -> Result<Vec<Vec<Row>>, Failure> {
        let started = Instant::now();
        let answer = self.attempts(flight, statements).await;
        invocation::add_database_time(started.elapsed());
        answer.map_err(|failure| flight.settle(failure))
    }

    async fn attempts(
        &self,
        flight: &Flight<'_>,
        statements: &[Statement<'_>],
    ) -> Result<Vec<Vec<Row>>, Failure> {
        let deadline = invocation::deadline();
        let mut slot = timeout_at(deadline, self.slot.lock())
            .await
            .map_err(|_| Failure::Unavailable("the connection is in use".into()))?;
        let mut attempt = 0;
        loop {
            let (connection, kept) = match usable(slot.take()).await {
                Some(connection) => (Ok(connection), true),
                None => (self.connector.open(deadline).await, false),
            };
            let (verdict, connection) = match connection {
                Ok(connection) => connection.fly(flight, statements, deadline).await,
                Err(unopened) => (unopened.into(), None),
            };
            *slot = connection;
            // A kept connection that turns out to be dead is no sign that
            // the database is away: it costs no attempt and no delay.
            let was_stale = kept && slot.is_none();
            attempt += u32::from(!was_stale);
            let retry = attempt < ATTEMPTS && Instant::now() < deadline;
            match verdict {
                Verdict::Done(rows) => return Ok(rows),
                Verdict::Refused(failure) => return Err(failure),
                Verdict::NotDone(cause) if !retry => return Err(Failure::Unavailable(cause)),
                Verdict::Uncertain(cause) if flight.is_read() && !retry => {
                    return Err(Failure::Unavailable(cause));
                }
                Verdict::Uncertain(cause) if !flight.is_repeatable() || !retry => {
                    return Err(Failure::Uncertain(cause));
                }
                Verdict::NotDone(cause) => log_retry(&cause, attempt),
                Verdict::Uncertain(cause) => {
                    flight.repeat();
                    log_retry(&cause, attempt);
                }
            }
            sleep_until(deadline.min(Instant::now() + backoff(attempt))).await;
        }
    }

    /// Opens the connection ahead of the first request.
    ///
    /// # Errors
    /// [`Failure::Unavailable`]; the next flight will try again.
    pub(crate) async fn open(&self) -> Result<(), Failure> {
        let mut slot = self.slot.lock().await;
        if slot.is_none() {
            let opened = self.connector.open(invocation::deadline()).await;
            *slot = Some(opened.map_err(|unopened| Failure::Unavailable(unopened.cause))?);
        }
        Ok(())
    }
}

/// What the first row has in this column; `None` for null, and without a row.
pub(crate) fn first<T>(rows: &[Row], column: usize) -> Result<Option<T>, Failure>
where
    T: for<'r> FromSql<'r>,
{
    match rows.first() {
        Some(row) => Ok(row.try_get(column)?),
        None => Ok(None),
    }
}

fn log_retry(cause: &str, attempt: u32) {
    tracing::warn!(
        request_id = invocation::request_id(),
        cause,
        attempt,
        "the database work is tried again"
    );
}

/// The kept connection, unless it is known to be closed.
///
/// After a freeze the driver learns of a closed socket when it is polled;
/// on a current-thread runtime two yields let it (measured: one is not
/// always enough).
async fn usable(kept: Option<Connection>) -> Option<Connection> {
    let connection = kept?;
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    connection.is_open().then_some(connection)
}

/// 0, then 200, then 800 ms, with up to 25 % more so that environments which
/// lost the database together do not come back together.
fn backoff(attempt: u32) -> Duration {
    let base_ms = match attempt {
        0 => return Duration::ZERO,
        1 => 200,
        _ => 800,
    };
    let jitter = u64::from(uuid::Uuid::new_v4().as_bytes()[0]);
    Duration::from_millis(base_ms + base_ms * jitter / 1024)
}
