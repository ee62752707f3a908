//! One printed line for each thing that was done, with the time it took.

use std::io::Write;
use std::time::Instant;

use crate::error::Result;

/// Does something that says what it did, and prints that.
pub(super) fn step<T>(act: impl FnOnce() -> Result<(String, T)>) -> Result<T> {
    let begin = Instant::now();
    let (done, result) = act()?;
    say(&format!("{:>5.1} s  {done}", begin.elapsed().as_secs_f32()));
    Ok(result)
}

/// Prints to standard output, if that is still there: the terminal may have
/// been closed, and then the servers are yet to be stopped.
pub(super) fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{text}")
        .and_then(|()| output.flush())
        .unwrap_or_default();
}
