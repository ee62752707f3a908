//! The one connection to the database, and the only module that touches it.
//!
//! There is no pool: an execution environment of Lambda serves one request at
//! a time, and the pooler on the other side does the pooling. The connection
//! is kept while the environment is warm and opened again when it is gone.

mod call;
mod connection;
mod failure;
mod verdict;

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_postgres::Row;

pub(crate) use call::Call;
pub(crate) use connection::{Connection, Connector};
pub(crate) use failure::Failure;

use crate::invocation;
use verdict::Verdict;

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

    /// Calls a function, which is one transaction in one network round trip,
    /// and returns its rows.
    ///
    /// The connection is held to the end, so that two calls never mix.
    ///
    /// # Errors
    /// A [`Failure`] that says whether anything can have been stored.
    pub(crate) async fn call(&self, call: &Call<'_>) -> Result<Vec<Row>, Failure> {
        let started = Instant::now();
        let answer = self.attempts(call).await;
        invocation::add_database_time(started.elapsed());
        answer.map_err(|failure| call.after_retries(failure))
    }

    async fn attempts(&self, call: &Call<'_>) -> Result<Vec<Row>, Failure> {
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
                Ok(connection) => connection.make(call, deadline).await,
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
                Verdict::Uncertain(cause) if call.is_read() && !retry => {
                    return Err(Failure::Unavailable(cause));
                }
                Verdict::Uncertain(cause) if !call.is_repeatable() || !retry => {
                    return Err(Failure::Uncertain(cause));
                }
                Verdict::NotDone(cause) => log_retry(&cause, attempt),
                Verdict::Uncertain(cause) => {
                    call.repeat();
                    log_retry(&cause, attempt);
                }
            }
            sleep_until(deadline.min(Instant::now() + backoff(attempt))).await;
        }
    }

    /// Opens the connection ahead of the first request.
    ///
    /// # Errors
    /// [`Failure::Unavailable`]; the next call will try again.
    pub(crate) async fn open(&self) -> Result<(), Failure> {
        let mut slot = self.slot.lock().await;
        if slot.is_none() {
            let opened = self.connector.open(invocation::deadline()).await;
            *slot = Some(opened.map_err(|unopened| Failure::Unavailable(unopened.cause))?);
        }
        Ok(())
    }
}

/// The row of a function that always returns one.
pub(crate) fn only_row(rows: &[Row]) -> Result<&Row, Failure> {
    rows.first()
        .ok_or_else(|| Failure::Bug("a row is missing".into()))
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
