//! Schemathesis, which tests a service from its OpenAPI document, and what
//! else reads such a document.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use local::tools::{fetch, python};
use local::{Error, Result};

/// Every package with its version, so that nothing changes by itself.
const REQUIREMENTS: &str = include_str!("../../../tests/contract/requirements.txt");

/// The directory of the programs `schemathesis`, `openapi-spec-validator` and
/// a `python` that has their packages.
///
/// # Errors
/// When they are not here and cannot be fetched from PyPI.
pub fn schemathesis() -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    REQUIREMENTS.hash(&mut hasher);
    let packages: Vec<&str> = REQUIREMENTS.lines().collect();
    fetch::once(
        &format!("schemathesis-{:016x}", hasher.finish()),
        "Schemathesis (from PyPI, 30 MB)",
        |environment| python::environment(environment, &packages),
    )
    .map(|environment| environment.join("bin"))
    .map_err(|cause| {
        Error::new(format!(
            "Schemathesis cannot be fetched ({cause}): it takes Python 3.10 or later and PyPI."
        ))
    })
}
