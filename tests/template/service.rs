//! What a function's handler is lent, read from its source.

use std::fs;

/// See `shared::Service`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Service {
    /// The database, and AUTH_SECRET to sign with.
    Accounts,
    /// The database.
    Context,
    /// Neither.
    Nothing,
}

impl Service {
    pub fn of(binary: &str) -> Self {
        let file = format!(
            "{}/functions/{}.rs",
            env!("CARGO_MANIFEST_DIR"),
            binary.replace('-', "_")
        );
        let source = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
        if source.contains("&Accounts") {
            Self::Accounts
        } else if source.contains("&Context") {
            Self::Context
        } else {
            Self::Nothing
        }
    }
}
