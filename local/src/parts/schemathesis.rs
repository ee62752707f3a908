//! Schemathesis, which tests a service from its OpenAPI document, and what
//! else reads such a document.

use std::path::PathBuf;

use super::python_environment;
use crate::error::Result;
use crate::places;

/// The directory of the programs `schemathesis`, `openapi-spec-validator` and
/// a `python` that has their packages.
///
/// # Errors
/// When they are not here and cannot be fetched from PyPI.
pub fn schemathesis() -> Result<PathBuf> {
    let requirements = places::workspace().join("tests/contract/requirements.txt");
    let environment = python_environment("Schemathesis, 30 MB", &requirements)?;
    Ok(environment.join("bin"))
}
