//! Virtual environments of Python.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use super::{fetch, packages};
use crate::error::{Context, Error, Result};

/// A virtual environment with the packages that a file names, all of them with
/// their versions and hashes, and no others. `what` is said when it is made.
///
/// # Errors
/// When the file cannot be read or a package cannot be fetched from PyPI.
pub fn python_environment(what: &str, requirements: &Path) -> Result<PathBuf> {
    let file = requirements.display();
    let text = fs::read_to_string(requirements).context(|| format!("cannot read {file}"))?;
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    fetch::once(
        &format!("python-{:016x}", hasher.finish()),
        &format!("{what} (from PyPI)"),
        |directory| fill(directory, requirements),
    )
    .map_err(|cause| {
        Error::new(format!(
            "{what} cannot be fetched ({cause}): it takes Python 3.10 or later and PyPI."
        ))
    })
}

fn fill(environment: &Path, requirements: &Path) -> Result<()> {
    let create = || {
        fetch::visibly("python3", |python| {
            python.args(["-m", "venv", "--clear"]).arg(environment);
        })
    };
    // Debian keeps the module venv in a package of its own.
    create().or_else(|cause| {
        packages::install(&["python3-venv"]).map_err(|_| cause)?;
        create()
    })?;
    let pip = environment.join("bin/pip");
    fetch::visibly(&pip.display().to_string(), |pip| {
        pip.args(["install", "--disable-pip-version-check"])
            .args(["--no-deps", "--require-hashes", "--requirement"])
            .arg(requirements);
    })
}
