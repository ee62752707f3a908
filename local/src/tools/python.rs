//! Virtual environments of Python.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use super::{fetch, packages};
use crate::error::{Context, Error, Result};

/// A virtual environment with the packages that a file names, all of them with
/// their versions, and their bytecode.
///
/// # Errors
/// When the file cannot be read or a package cannot be fetched from PyPI.
pub fn python_environment(requirements: &Path) -> Result<PathBuf> {
    let file = requirements.display();
    let text = fs::read_to_string(requirements).context(|| format!("cannot read {file}"))?;
    let packages: Vec<&str> = text.lines().filter(|it| !it.starts_with('#')).collect();
    let mut hasher = DefaultHasher::new();
    packages.hash(&mut hasher);
    fetch::once(
        &format!("python-{:016x}", hasher.finish()),
        &format!("the packages of {file} from PyPI"),
        |directory| environment(directory, &packages),
    )
    .map_err(|cause| {
        Error::new(format!(
            "The packages of {file} cannot be fetched ({cause})."
        ))
    })
}

/// Makes `environment` with these packages from PyPI and no others.
pub fn environment(environment: &Path, wanted: &[&str]) -> Result<()> {
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
        pip.args(["install", "--disable-pip-version-check", "--no-deps"])
            .args(wanted);
    })
}
