//! Schemathesis, which tests a service by its OpenAPI document, and a validator of
//! such documents.

use std::path::PathBuf;

use local::tools::python_environment;
use local::{Result, places};

/// The directory of the programs `schemathesis`, `openapi-spec-validator` and
/// a `python` that has their packages.
///
/// # Errors
/// When Python is missing or a package cannot be fetched from PyPI.
pub fn schemathesis() -> Result<PathBuf> {
    let requirements = places::workspace().join("tests/contract/requirements.txt");
    python_environment("schemathesis", &requirements).map(|environment| environment.join("bin"))
}
