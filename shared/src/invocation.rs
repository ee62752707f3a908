//! The invocation in progress: how long it may still take, and what it has
//! asked of the database.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// The time for the database in an invocation that has no earlier deadline.
const DATABASE_BUDGET: Duration = Duration::from_secs(8);

/// The part of the Lambda deadline that is kept for writing the answer.
const ANSWER_MARGIN: Duration = Duration::from_millis(500);

tokio::task_local! {
    static CURRENT: Invocation;
}

/// The time frame of one invocation.
pub(crate) struct Invocation {
    request_id: String,
    deadline: Instant,
    database_micros: AtomicU64,
    round_trips: AtomicU32,
}

/// The use that an invocation has made of the database.
pub(crate) struct DatabaseUse {
    /// How long it waited, connecting and trying again included.
    pub(crate) waited: Duration,
    /// How often it sent something and waited for the answer; opening a
    /// connection, which takes several, is not counted.
    pub(crate) round_trips: u32,
}

impl Invocation {
    /// An invocation that Lambda ends at `ends`.
    pub(crate) fn ending_at(ends: SystemTime, request_id: String) -> Self {
        Self {
            request_id,
            deadline: Instant::now() + database_budget(ends, SystemTime::now()),
            database_micros: AtomicU64::new(0),
            round_trips: AtomicU32::new(0),
        }
    }

    /// The init phase, or work outside of Lambda.
    pub(crate) fn of_at_most(budget: Duration) -> Self {
        Self {
            request_id: String::new(),
            deadline: Instant::now() + budget,
            database_micros: AtomicU64::new(0),
            round_trips: AtomicU32::new(0),
        }
    }

    /// Runs `work` within this invocation and returns what it made and what it
    /// asked of the database.
    pub(crate) async fn run<F: Future>(self, work: F) -> (F::Output, DatabaseUse) {
        CURRENT
            .scope(self, async {
                let output = work.await;
                (output, CURRENT.with(Self::database_use))
            })
            .await
    }

    fn database_use(&self) -> DatabaseUse {
        DatabaseUse {
            waited: Duration::from_micros(self.database_micros.load(Ordering::Relaxed)),
            round_trips: self.round_trips.load(Ordering::Relaxed),
        }
    }
}

/// Whether Lambda runs this program, rather than a shell.
#[must_use]
pub fn is_deployed() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// The id of the request, for the log; empty in the init phase.
pub(crate) fn request_id() -> String {
    CURRENT
        .try_with(|it| it.request_id.clone())
        .unwrap_or_default()
}

/// When the database has to have answered.
pub(crate) fn deadline() -> Instant {
    CURRENT
        .try_with(|it| it.deadline)
        .unwrap_or_else(|_| Instant::now() + DATABASE_BUDGET)
}

/// Adds to the time that this invocation has waited for the database.
pub(crate) fn add_database_time(waited: Duration) {
    let micros = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
    // Work outside of an invocation has no log line to add to.
    CURRENT
        .try_with(|it| it.database_micros.fetch_add(micros, Ordering::Relaxed))
        .ok();
}

/// Counts one more round trip to the database.
pub(crate) fn add_round_trip() {
    CURRENT
        .try_with(|it| it.round_trips.fetch_add(1, Ordering::Relaxed))
        .ok();
}

/// A deadline in the past means that there is none: the emulator of
/// `cargo lambda watch` sends a constant from 1970.
fn database_budget(ends: SystemTime, now: SystemTime) -> Duration {
    match ends.duration_since(now) {
        Ok(left) => DATABASE_BUDGET.min(left.saturating_sub(ANSWER_MARGIN).max(left / 2)),
        Err(_) => DATABASE_BUDGET,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget_ms(left_ms: u64) -> u128 {
        let now = SystemTime::now();
        database_budget(now + Duration::from_millis(left_ms), now).as_millis()
    }

    #[test]
    fn the_answer_keeps_its_margin() {
        assert_eq!(budget_ms(3_000), 2_500);
        assert_eq!(budget_ms(29_000), 8_000);
        assert_eq!(budget_ms(600), 300);
    }

    #[test]
    fn a_deadline_in_the_past_is_none() {
        let emulator = SystemTime::UNIX_EPOCH + Duration::from_millis(600_000);
        assert_eq!(
            database_budget(emulator, SystemTime::now()),
            DATABASE_BUDGET
        );
    }
}
