//! The means that a function's handler borrows, read from its source.

use std::fs;

/// The means of a function, which decide about its secrets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Service {
    /// The database, and AUTH_SECRET to sign with.
    SignIn,
    /// The database, and ACCOUNTS_PASSWORD for what tasks have no right to.
    Account,
    /// The database.
    Tasks,
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
        let uses = |text: &str| source.contains(text);
        if uses("&Sessions") {
            Self::SignIn
        } else if uses("&Accounts") {
            Self::Account
        } else if uses("&Context") {
            Self::Tasks
        } else {
            Self::Nothing
        }
    }
}
