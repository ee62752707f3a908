//! cargo-lambda, whose `watch` serves the functions.

use std::path::PathBuf;

use super::{on_path, python_environment};
use crate::error::{Error, Result};
use crate::places;

/// The directory of `cargo-lambda`, to be put on PATH for `cargo lambda`.
///
/// # Errors
/// When it is not here and cannot be fetched from PyPI.
pub fn cargo_lambda() -> Result<PathBuf> {
    if let Some(directory) = on_path("cargo-lambda") {
        return Ok(directory);
    }
    // Its one dependency is the Zig compiler, 100 MB for `cargo lambda build` only.
    let requirements = places::workspace().join(".ci/cargo-lambda.txt");
    python_environment("cargo-lambda, 15 MB", &requirements)
        .map(|environment| environment.join("bin"))
        .map_err(|cause| {
            Error::new(format!(
                "{cause} Or install it as \
                 https://www.cargo-lambda.info/guide/installation.html says."
            ))
        })
}
