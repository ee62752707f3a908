//! Errors as sentences for the person at the keyboard.

use std::fmt;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A sentence that says what failed and, if possible, what to do.
///
/// `Debug` prints the sentence too, because a failing test shows that.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    sentence: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Missing,
    Other,
}

impl Error {
    /// An error that says `sentence`.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            kind: Kind::Other,
        }
    }

    /// An error about a program that is not on this machine and that the
    /// system's package manager may have.
    pub fn missing(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            kind: Kind::Missing,
        }
    }

    /// Whether an installation may help.
    pub(crate) fn is_missing(&self) -> bool {
        self.kind == Kind::Missing
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}

impl std::error::Error for Error {}

/// Adds the failed action in front of the cause.
pub trait Context<T> {
    /// `cannot write /x: permission denied` for `context(|| "cannot write /x")`.
    ///
    /// # Errors
    /// The error of `self`, as a sentence.
    fn context<S: fmt::Display>(self, describe: impl FnOnce() -> S) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn context<S: fmt::Display>(self, describe: impl FnOnce() -> S) -> Result<T> {
        self.map_err(|cause| Error::new(format!("{}: {cause}", describe())))
    }
}
