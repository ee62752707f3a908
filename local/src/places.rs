//! The directories of this crate: all of them are below `target`.

use std::env;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// Cargo's target directory.
pub fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => workspace().join(directory),
        None => workspace().join("target"),
    }
}

/// Downloaded programs.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// The data that `cargo dev` keeps between runs.
pub fn dev() -> PathBuf {
    target().join("dev")
}
