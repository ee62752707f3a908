//! Waiting for something that has to happen.

use std::time::Duration;

/// How long a test waits before it fails. Nothing that works takes so long, on
/// the slowest machine: the limit ends a test that would hang.
const PATIENCE: Duration = Duration::from_secs(120);

const PAUSE: Duration = Duration::from_millis(10);

/// Waits until `is_true`: a line of the log, for example, may come after the
/// answer, because a thread of its own reads it.
pub async fn until(is_true: impl AsyncFn() -> bool) {
    eventually(async || is_true().await.then_some(())).await;
}

/// Waits until `find` finds something.
pub async fn eventually<T>(find: impl AsyncFn() -> Option<T>) -> T {
    let search = async {
        loop {
            if let Some(found) = find().await {
                return found;
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, search).await;
    found.unwrap_or_else(|_| panic!("it did not happen in {} s", PATIENCE.as_secs()))
}
