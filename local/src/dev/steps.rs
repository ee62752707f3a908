//! A printed line for each step, with its duration.

use std::io::Write;
use std::time::Instant;

use crate::error::Result;

/// Runs a step, which returns a description, and prints that.
pub(super) fn step<T>(act: impl FnOnce() -> Result<(String, T)>) -> Result<T> {
    let begin = Instant::now();
    let (done, result) = act()?;
    say(&format!("{:>5.1} s  {done}", begin.elapsed().as_secs_f32()));
    Ok(result)
}

/// Prints to standard output. Errors are ignored: the servers have to be stopped
/// even when the terminal is closed.
pub(super) fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .unwrap_or_default();
}
