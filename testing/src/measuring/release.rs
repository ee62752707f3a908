//! The programs that are measured, built as they are deployed.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use local::places;

use crate::binaries;

/// Builds these programs with the release profile and returns the directory of
/// the results.
pub fn build(programs: &[&str]) -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--release", "--locked"])
        .args(["--package", "todo-service", "--package", "empty"])
        .args(["--features", "todo-service/vendored"])
        .args(programs.iter().flat_map(|program| ["--bin", program]))
        .current_dir(places::workspace());
    forget_this_package(&mut build);
    let status = build.status().expect("cargo can be started");
    assert!(status.success(), "cargo build failed: see above");
    target().join("release")
}

/// Cargo's target directory, in which this benchmark was built.
pub fn target() -> PathBuf {
    let binaries = binaries();
    let target = binaries.parent();
    target.expect("it is a level up").to_owned()
}

/// Build scripts that look at what Cargo says of the package that it runs would
/// run again.
fn forget_this_package(command: &mut Command) {
    let describes = |name: &OsString| {
        name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        })
    };
    for (name, _) in env::vars_os().filter(|(name, _)| describes(name)) {
        command.env_remove(name);
    }
}
