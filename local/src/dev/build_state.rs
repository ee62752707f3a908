//! Whether the functions can be asked, as far as `cargo lambda watch` says.

use std::time::{Duration, Instant};

use tokio::sync::watch::Sender;
use tokio::time::sleep;

/// The state, which the main thread and the reader of the output set.
#[derive(Clone)]
pub(super) struct BuildState(Sender<State>);

#[derive(Debug, PartialEq)]
enum State {
    Starting,
    /// With the time of Cargo's last word.
    Ready(Instant),
    /// The compiler's message.
    Failed(String),
}

impl BuildState {
    /// The state while `cargo lambda watch` starts.
    pub(super) fn starting() -> Self {
        Self(Sender::new(State::Starting))
    }

    /// Requests have to wait.
    pub(super) fn restart(&self) {
        self.0.send_replace(State::Starting);
    }

    /// `cargo lambda watch` listens.
    pub(super) fn is_ready(&self) {
        self.0.send_replace(State::Ready(Instant::now()));
    }

    /// Waits until `cargo lambda watch` listens.
    pub(super) async fn ready(&self) {
        self.wait_for(|state| (*state != State::Starting).then_some(()))
            .await;
    }

    /// Waits until the functions do not compile, and returns the compiler's message.
    pub(super) async fn failed(&self) -> String {
        self.wait_for(|state| match state {
            State::Failed(message) => Some(message.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until the functions could be asked, and Cargo had nothing to say, for so
    /// long.
    pub(super) async fn silent(&self, patience: Duration) {
        let asked = Instant::now();
        loop {
            self.ready().await;
            let last_word = match *self.0.borrow() {
                State::Ready(last_word) => last_word,
                _ => asked,
            };
            let rest = patience.saturating_sub(last_word.max(asked).elapsed());
            if rest.is_zero() {
                return;
            }
            sleep(rest).await;
        }
    }

    async fn wait_for<T>(&self, read: impl Fn(&State) -> Option<T>) -> T {
        let mut found = None;
        let mut changes = self.0.subscribe();
        let waited = changes.wait_for(|state| {
            found = read(state);
            found.is_some()
        });
        waited
            .await
            .expect("this holds a sender, so the channel is open");
        found.expect("it was waited for")
    }
}

/// Reads lines of Cargo's, and tells the state.
pub(super) struct BuildReader {
    state: BuildState,
    /// The lines since the first error of this build.
    message: Vec<String>,
}

impl BuildReader {
    pub(super) fn new(state: BuildState) -> Self {
        Self {
            state,
            message: Vec::new(),
        }
    }

    /// Reads the next line.
    pub(super) fn read(&mut self, line: &str) {
        let says = |word: &str| line.trim_start().starts_with(word);
        if says("Compiling ") || says("Finished ") {
            self.message.clear();
            self.state.0.send_if_modified(|state| {
                let is_ready = matches!(state, State::Ready(_));
                if is_ready {
                    *state = State::Ready(Instant::now());
                }
                is_ready
            });
        } else if line.starts_with("error: could not compile") {
            let message = std::mem::take(&mut self.message).join("\n");
            self.state.0.send_replace(State::Failed(message));
        } else if line.starts_with("error") || !self.message.is_empty() {
            self.message.push(line.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_message_is_kept_until_the_restart() {
        let state = BuildState::starting();
        state.is_ready();
        let mut reader = BuildReader::new(state.clone());
        for line in [
            "   Compiling todo-service v0.1.0 (/work)",
            "error[E0425]: cannot find value `x` in this scope",
            " --> functions/health.rs:9:5",
        ] {
            reader.read(line);
            assert!(matches!(*state.0.borrow(), State::Ready(_)));
        }
        reader.read("error: could not compile `todo-service` (bin \"health\") due to 1 error");
        let said = match &*state.0.borrow() {
            State::Failed(said) => said.clone(),
            other => panic!("{other:?}"),
        };
        assert!(said.contains("E0425") && said.contains("functions/health.rs:9:5"));
        state.restart();
        assert_eq!(*state.0.borrow(), State::Starting);
    }

    #[tokio::test]
    async fn nobody_is_silent_while_functions_are_built() {
        let state = BuildState::starting();
        let is_silent = async |patience: Duration| {
            tokio::select! {
                biased;
                () = state.silent(patience) => true,
                () = tokio::task::yield_now() => false,
            }
        };
        assert!(!is_silent(Duration::ZERO).await);
        state.is_ready();
        assert!(is_silent(Duration::ZERO).await);
        assert!(!is_silent(Duration::from_hours(1)).await);
    }
}
