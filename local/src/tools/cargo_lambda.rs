//! cargo-lambda, whose `watch` serves the functions.

use std::path::PathBuf;

use super::{on_path, python_environment};
use crate::error::{Error, Result};
use crate::places;

/// The directory of `cargo-lambda`, to be put on PATH for `cargo lambda`.
///
/// Its version is in `local/cargo-lambda.txt`, from which `.ci/run` installs it
/// with the Zig compiler: 100 MB, which only `cargo lambda build` needs.
///
/// # Errors
/// When cargo-lambda is missing and cannot be fetched from PyPI.
pub fn cargo_lambda() -> Result<PathBuf> {
    if let Some(directory) = on_path("cargo-lambda") {
        return Ok(directory);
    }
    let requirements = places::workspace().join("local/cargo-lambda.txt");
    python_environment("cargo-lambda", &requirements)
        .map(|environment| environment.join("bin"))
        .map_err(|cause| match cause.is_missing() {
            true => cause,
            false => Error::new(format!(
                "cargo-lambda is not here and cannot be fetched ({cause}): install it as \
                 https://www.cargo-lambda.info/guide/installation.html says."
            )),
        })
}
