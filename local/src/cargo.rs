//! Cargo as a child process of a program that Cargo itself runs.

use std::env;
use std::ffi::OsString;
use std::process::Command;

/// The program `cargo`.
pub fn program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Removes the variables in which Cargo describes the package that it runs: build
/// scripts that read them would run again for each other package.
pub fn forget_this_package(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let described = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if described {
            command.env_remove(name);
        }
    }
}
