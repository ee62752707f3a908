//! The queue of invocations, and the processes that take them.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::{Mutex, MutexGuard};
use serde_json::Value;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

use super::function_name;

/// Why an invocation has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvocationError {
    /// The function reported an error instead of an answer.
    Failed {
        /// Its `errorType`.
        kind: String,
        /// Its `errorMessage`.
        message: String,
    },
    /// The process ended, or no process was left; with the last lines of its output.
    Died(String),
    /// There was no answer within this time.
    TimedOut(Duration),
}

impl fmt::Display for InvocationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { kind, message } => {
                write!(formatter, "the function failed with {kind}: {message}")
            }
            Self::Died(words) => write!(formatter, "the function's process ended:\n{words}"),
            Self::TimedOut(limit) => {
                let seconds = limit.as_secs_f32();
                write!(formatter, "the function did not answer within {seconds} s")
            }
        }
    }
}

impl std::error::Error for InvocationError {}

/// How an invocation ended.
pub(super) type Outcome = Result<Value, InvocationError>;

/// An event on its way to a process.
#[derive(Clone)]
pub(super) struct Invocation {
    pub(super) id: String,
    pub(super) event: String,
    pub(super) deadline_ms: u128,
    pub(super) function_arn: String,
}

/// Invocations that callers, endpoints and observers of processes share.
pub(super) struct Invocations {
    function_arn: String,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Invocation>,
    waiting: HashMap<String, Waiting>,
    /// Processes that may take invocations.
    processes: BTreeSet<usize>,
    /// When each process first asked for an invocation.
    asked: HashMap<usize, Instant>,
    /// The last lines of the process that died last.
    last_words: String,
}

struct Waiting {
    outcome: oneshot::Sender<Outcome>,
    taken_by: Option<usize>,
}

impl Invocations {
    pub(super) fn new(binary: &Path) -> Self {
        let name = function_name(binary);
        Self {
            function_arn: format!("arn:aws:lambda:us-east-1:123456789012:function:{name}"),
            state: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Puts an event into the queue. The invocation fails at once when no process
    /// is left.
    pub(super) fn submit(
        &self,
        event: &Value,
        limit: Duration,
    ) -> (String, oneshot::Receiver<Outcome>) {
        let id = Uuid::new_v4().to_string();
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let (sender, receiver) = oneshot::channel();
        let mut state = self.state();
        state.waiting.insert(
            id.clone(),
            Waiting {
                outcome: sender,
                taken_by: None,
            },
        );
        state.queue.push_back(Invocation {
            id: id.clone(),
            event: event.to_string(),
            deadline_ms: (now.unwrap_or_default() + limit).as_millis(),
            function_arn: self.function_arn.clone(),
        });
        state.fail_orphans();
        drop(state);
        self.changed.notify_waiters();
        (id, receiver)
    }

    /// Waits for the next invocation of a process.
    pub(super) async fn take(&self, process: usize) -> Invocation {
        self.note_asked(process);
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(invocation) = self.try_take(process) {
                return invocation;
            }
            changed.await;
        }
    }

    fn note_asked(&self, process: usize) {
        let mut state = self.state();
        if state.asked.contains_key(&process) {
            return;
        }
        state.asked.insert(process, Instant::now());
        drop(state);
        self.changed.notify_waiters();
    }

    /// Waits until `process` asks for its first invocation, and returns when that
    /// was; `None` when the process has ended.
    pub(super) async fn first_asked(&self, process: usize) -> Option<Instant> {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            {
                let state = self.state();
                let asked = state.asked.get(&process).copied();
                if asked.is_some() || !state.processes.contains(&process) {
                    return asked;
                }
            }
            changed.await;
        }
    }

    fn try_take(&self, process: usize) -> Option<Invocation> {
        let mut state = self.state();
        // The connection of a process that was killed may still be open.
        if !state.processes.contains(&process) {
            return None;
        }
        let invocation = state.queue.pop_front()?;
        if let Some(waiting) = state.waiting.get_mut(&invocation.id) {
            waiting.taken_by = Some(process);
        }
        Some(invocation)
    }

    /// Ends an invocation. Returns false when it is unknown or has ended.
    pub(super) fn finish(&self, id: &str, outcome: Outcome) -> bool {
        let mut state = self.state();
        state.queue.retain(|queued| queued.id != id);
        state.finish(id, outcome)
    }

    /// Lets `process` take invocations.
    pub(super) fn process_started(&self, process: usize) {
        self.state().processes.insert(process);
    }

    /// Gives `process` no more invocations.
    pub(super) fn process_stopping(&self, process: usize) {
        self.state().processes.remove(&process);
    }

    /// Fails the invocation of `process`, and the queue when no process is left.
    pub(super) fn process_died(&self, process: usize, last_words: String) {
        let mut state = self.state();
        state.processes.remove(&process);
        state.last_words = last_words;
        let taken: Vec<String> = state
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.taken_by == Some(process))
            .map(|(id, _)| id.clone())
            .collect();
        for id in taken {
            let words = state.last_words.clone();
            state.finish(&id, Err(InvocationError::Died(words)));
        }
        state.fail_orphans();
        drop(state);
        self.changed.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

impl State {
    fn finish(&mut self, id: &str, outcome: Outcome) -> bool {
        self.waiting.remove(id).is_some_and(|waiting| {
            // Sending fails when the caller has given up.
            waiting.outcome.send(outcome).unwrap_or_default();
            true
        })
    }

    fn fail_orphans(&mut self) {
        if !self.processes.is_empty() {
            return;
        }
        while let Some(orphan) = self.queue.pop_front() {
            let words = self.last_words.clone();
            self.finish(&orphan.id, Err(InvocationError::Died(words)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const LIMIT: Duration = Duration::from_secs(5);

    fn invocations() -> Invocations {
        Invocations::new(Path::new("target/debug/get-task"))
    }

    #[tokio::test]
    async fn an_answer_finds_its_caller() {
        let invocations = invocations();
        invocations.process_started(0);
        let (first, first_answer) = invocations.submit(&json!(1), LIMIT);
        let (second, second_answer) = invocations.submit(&json!(2), LIMIT);
        assert_eq!(invocations.take(0).await.id, first);
        assert_eq!(invocations.take(0).await.id, second);
        assert!(invocations.finish(&second, Ok(json!("second"))));
        assert!(invocations.finish(&first, Ok(json!("first"))));
        assert!(!invocations.finish(&first, Ok(json!("again"))));
        assert_eq!(first_answer.await, Ok(Ok(json!("first"))));
        assert_eq!(second_answer.await, Ok(Ok(json!("second"))));
    }

    #[tokio::test]
    async fn the_end_of_the_last_process_fails_what_waits() {
        let invocations = invocations();
        invocations.process_started(0);
        invocations.process_started(1);
        let (_, taken) = invocations.submit(&json!(1), LIMIT);
        let (_, queued) = invocations.submit(&json!(2), LIMIT);
        invocations.take(0).await;
        invocations.process_died(0, "out of memory".into());
        let died = || Ok(Err(InvocationError::Died("out of memory".into())));
        assert_eq!(taken.await, died());
        invocations.process_died(1, "out of memory".into());
        assert_eq!(queued.await, died());
        let (_, late) = invocations.submit(&json!(3), LIMIT);
        assert_eq!(late.await, died());
    }

    #[tokio::test]
    async fn it_is_known_when_a_process_first_asked() {
        let invocations = invocations();
        invocations.process_started(0);
        invocations.process_started(1);
        let (_, _answer) = invocations.submit(&json!(1), LIMIT);
        let before = Instant::now();
        let (asked, _) = tokio::join!(invocations.first_asked(0), invocations.take(0));
        assert!(asked.is_some_and(|asked| asked >= before));
        let dies = async { invocations.process_died(1, String::new()) };
        assert_eq!(tokio::join!(invocations.first_asked(1), dies).0, None);
    }

    #[tokio::test]
    async fn a_stopping_process_is_given_nothing() {
        let invocations = invocations();
        invocations.process_started(0);
        invocations.process_started(1);
        invocations.process_stopping(0);
        let (id, _answer) = invocations.submit(&json!(1), LIMIT);
        assert!(invocations.try_take(0).is_none());
        assert_eq!(invocations.take(1).await.id, id);
    }
}
