//! The build of the functions, before their first requests.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::thread;

use serde_json::Value;

use crate::error::{Context, Error, Result};
use crate::supervised::{self, Ending, Supervised};
use crate::{cargo, places};

/// Builds all functions and returns the migration program.
pub(super) fn functions() -> Result<PathBuf> {
    let describe = || "cannot run cargo build";
    let (messages, writer) = std::io::pipe().context(describe)?;
    let mut command = supervised::command(cargo::program());
    command
        // Without `--package`, as cargo-lambda builds: another selection of
        // packages would change their dependencies' features.
        .args(["build", "--bins"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(places::workspace())
        .stdout(writer);
    cargo::forget_this_package(&mut command);
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

/// The file of a binary in one of Cargo's messages:
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
