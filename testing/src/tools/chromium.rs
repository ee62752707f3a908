//! Chromium, or Google's Chrome, which is the same to a test.

use std::path::{Path, PathBuf};

use local::tools::{is_program, named, on_path, packages};
use local::{Error, Result};

/// `chromium-browser` is not among them: Ubuntu's is a script that asks for a
/// snap.
const NAMES: [&str; 3] = ["chromium", "google-chrome", "google-chrome-stable"];

/// Where macOS has them, which is not on PATH.
const APPLICATIONS: [&str; 2] = [
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The program of a Chromium, installed with the system's package manager when
/// there is none.
///
/// # Errors
/// When it is not here and may not be installed, or when the environment
/// variable `CHROMIUM` names something else.
pub fn chromium() -> Result<PathBuf> {
    if let Some(program) = named("CHROMIUM") {
        return if is_program(&program) {
            Ok(program)
        } else {
            Err(Error::new(format!(
                "CHROMIUM names {}, which is not a program.",
                program.display()
            )))
        };
    }
    if let Some(program) = installed() {
        return Ok(program);
    }
    packages::install(&["chromium"]).map_err(|cause| missing(&cause.to_string()))?;
    installed().ok_or_else(|| missing("it was installed and is not on PATH"))
}

fn installed() -> Option<PathBuf> {
    let on_path = NAMES
        .iter()
        .find_map(|name| Some(on_path(name)?.join(name)));
    on_path.or_else(|| {
        let applications = APPLICATIONS.iter().map(Path::new);
        applications.map(Path::to_owned).find(|it| is_program(it))
    })
}

fn missing(cause: &str) -> Error {
    Error::new(format!(
        "Chromium is not here and cannot be installed ({cause}): install Chromium or Google \
         Chrome, or name its program in CHROMIUM."
    ))
}
