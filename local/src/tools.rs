//! Programs that the service needs on this machine: found, else fetched.
//!
//! Each function looks where people put such programs first. Downloads go into
//! `target/tools`, are announced, and show the fetching program's own progress.
//! Only `cargo dev` and `cargo bench --bench peers` install with the system's
//! package manager; for everybody else a missing program is an error that says
//! how to get it.

mod cargo_lambda;
pub mod fetch;
mod openssl;
pub mod packages;
mod pgbouncer;
mod postgres;
mod python;
mod tool;

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use cargo_lambda::cargo_lambda;
pub use openssl::openssl_headers;
pub use pgbouncer::pgbouncer;
pub use postgres::postgres_bin;
pub use python::python_environment;
pub use tool::Tool;

use crate::error::{Context, Error, Result};

/// The first line that a program prints when it is asked for its version.
pub fn version(program: &Path, question: &[&str]) -> Result<String> {
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
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).find(|directory| is_program(&directory.join(program)))
}

/// Whether `path` is a file that may be executed.
pub fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// A directory or file that the user named in the environment.
pub fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
