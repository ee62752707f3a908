//! Release builds of the programs that are measured.

use std::path::PathBuf;
use std::process::Command;

use local::{cargo, places};

use crate::binaries;

/// Builds these programs with the release profile and returns their directory.
pub fn build(programs: &[&str]) -> PathBuf {
    let mut build = Command::new(cargo::program());
    build
        .args(["build", "--release", "--locked"])
        .args(["--package", "todo-service", "--package", "empty"])
        .args(["--features", "todo-service/vendored"])
        .args(programs.iter().flat_map(|program| ["--bin", program]))
        .current_dir(places::workspace());
    cargo::forget_this_package(&mut build);
    let status = build.status().expect("cargo can be started");
    assert!(status.success(), "cargo build failed: see above");
    target().join("release")
}

/// Cargo's target directory.
pub fn target() -> PathBuf {
    let binaries = binaries();
    let target = binaries.parent();
    target.expect("it is a level up").to_owned()
}
