//! Virtual environments of Python.

use std::path::Path;

use super::{fetch, packages};
use crate::error::Result;

/// Makes `environment` with these packages from PyPI and no others.
pub(super) fn environment(environment: &Path, wanted: &[&str]) -> Result<()> {
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
