//! Virtual environments of Python.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fetch;
use crate::error::{Context, Error, Result};

/// A virtual environment with the packages that a file for `pip` names, each
/// with its version and hashes. `name` is the beginning of the directory's name.
///
/// # Errors
/// When Python is missing, the file cannot be read or a package cannot be
/// fetched from PyPI.
pub fn python_environment(name: &str, requirements: &Path) -> Result<PathBuf> {
    let file = requirements.display();
    let text = fs::read(requirements).context(|| format!("cannot read {file}"))?;
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let directory = format!("{name}-{:016x}", hasher.finish());
    fetch::once(&directory, &format!("{name} from PyPI"), |directory| {
        venv_module()?;
        make(directory, requirements)
    })
}

/// Checks that Python can make virtual environments: Debian has the module in a
/// package of its own.
///
/// # Errors
/// When the module is missing.
pub(crate) fn venv_module() -> Result<()> {
    let output = Command::new("python3")
        .args(["-c", "import ensurepip, venv"])
        .output();
    if output.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    Err(Error::missing(
        "Python 3 with its module venv is not here: install it with `apt-get install \
         python3-venv`, `brew install python` or the like.",
    ))
}

fn make(environment: &Path, requirements: &Path) -> Result<()> {
    fetch::visibly("python3", |python| {
        python.args(["-m", "venv", "--clear"]).arg(environment);
    })?;
    let pip = environment.join("bin/pip");
    fetch::visibly(&pip.display().to_string(), |pip| {
        pip.args(["install", "--disable-pip-version-check"])
            .args(["--no-deps", "--require-hashes", "--requirement"])
            .arg(requirements);
    })
}
