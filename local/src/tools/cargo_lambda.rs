//! cargo-lambda, whose `watch` serves the functions.

use std::path::{Path, PathBuf};

use super::{fetch, on_path, python};
use crate::error::{Error, Result};

const VERSION: &str = "1.9.2";

/// The directory of `cargo-lambda`, to be put on PATH for `cargo lambda`.
///
/// # Errors
/// When it is not here and cannot be fetched from PyPI.
pub fn cargo_lambda() -> Result<PathBuf> {
    if let Some(directory) = on_path("cargo-lambda") {
        return Ok(directory);
    }
    fetch::once(
        &format!("cargo-lambda-{VERSION}"),
        &format!("cargo-lambda {VERSION} (from PyPI, 15 MB)"),
        from_pypi,
    )
    .map(|environment| environment.join("bin"))
    .map_err(|cause| {
        Error::new(format!(
            "cargo-lambda is not here and cannot be fetched ({cause}): install it as \
             https://www.cargo-lambda.info/guide/installation.html says."
        ))
    })
}

fn from_pypi(environment: &Path) -> Result<()> {
    // Its one dependency is the Zig compiler, 100 MB for `cargo lambda build` only.
    python::environment(environment, &[&format!("cargo-lambda=={VERSION}")])
}
