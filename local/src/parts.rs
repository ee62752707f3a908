//! Programs that the service needs on this machine: found, else fetched.
//!
//! Each function looks where people put such programs first. What it has to
//! fetch it announces, with the fetching program's own progress; what it
//! cannot have is an error that says how to get it.

mod cargo_lambda;
mod chromium;
mod fetch;
mod node;
mod openssl;
mod packages;
mod pgbouncer;
mod postgres;
mod python;
mod runtime_emulator;
mod schemathesis;

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use cargo_lambda::cargo_lambda;
pub use chromium::chromium;
pub use node::{node, node_modules};
pub use openssl::openssl_headers;
pub use pgbouncer::pgbouncer;
pub use postgres::postgres_bin;
pub use python::python_environment;
pub use runtime_emulator::runtime_emulator;
pub use schemathesis::schemathesis;

use crate::error::{Context, Error, Result};

/// The first line that a program prints when it is asked for its version.
pub(crate) fn version(program: &Path, question: &[&str]) -> Result<String> {
    let describe = || format!("cannot run {}", program.display());
    let output = Command::new(program)
        .args(question)
        .output()
        .context(describe)?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().next() {
        Some(line) if output.status.success() => Ok(line.trim().to_owned()),
        _ => Err(Error::new(format!(
            "{} {} failed ({}): {}",
            program.display(),
            question.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        ))),
    }
}

/// The directory on PATH that holds `program`.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find(|directory| is_program(&directory.join(program)))
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// A directory or file that the user named in the environment.
fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
