//! Builds the functions, so that their first requests need not wait for it.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Command;
use std::thread;

use serde_json::Value;

use crate::error::{Context, Error, Result};
use crate::places;
use crate::supervised::{self, Ending, Supervised};

/// Builds them all and returns the migration program.
pub(super) fn functions() -> Result<PathBuf> {
    let describe = || "cannot run cargo build";
    let (messages, writer) = std::io::pipe().context(describe)?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = supervised::command(cargo);
    command
        // The selection of packages decides about their dependencies'
        // features; cargo-lambda makes none, so neither does this.
        .args(["build", "--bins"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(places::workspace())
        .stdout(writer);
    forget_this_package(&mut command);
    let mut build = Supervised::spawn(command, Ending::BRISK)?;
    let migrate = thread::spawn(move || {
        let lines = BufReader::new(messages).lines();
        lines
            .map_while(std::io::Result::ok)
            .filter_map(|line| executable(&line, "migrate"))
            .last()
    });
    if !build.wait()?.success() {
        return Err(Error::new("The functions do not compile: see above."));
    }
    migrate
        .join()
        .ok()
        .flatten()
        .ok_or_else(|| Error::new("The package todo-service has no binary `migrate`."))
}

/// Cargo describes the package that it runs in variables, and build scripts
/// that look at them would run again at every change between it and another.
pub(super) fn forget_this_package(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let described = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if described {
            command.env_remove(name);
        }
    }
}

/// <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>
fn executable(message: &str, name: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    (message["target"]["name"] == name)
        .then(|| message["executable"].as_str().map(PathBuf::from))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_found_among_the_messages() {
        let message = r#"{"reason":"compiler-artifact","target":{"name":"migrate"},"executable":"/t/migrate"}"#;
        let found = executable(message, "migrate");
        assert_eq!(found, Some(PathBuf::from("/t/migrate")));
        assert_eq!(executable(message, "health"), None);
        assert_eq!(executable("not JSON", "migrate"), None);
    }
}
