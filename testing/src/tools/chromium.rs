//! Chromium, or Google Chrome, which tests can use as well.

use std::path::PathBuf;

use local::Result;
use local::tools::Tool;

/// The program of a Chromium.
///
/// # Errors
/// When Chromium is missing, or when the environment variable `CHROMIUM` names
/// something else.
pub fn chromium() -> Result<PathBuf> {
    Tool {
        name: "Chromium",
        variable: "CHROMIUM",
        // Not `chromium-browser`: Ubuntu's is a script that asks for a snap.
        programs: &["chromium", "google-chrome", "google-chrome-stable"],
        elsewhere: &[
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        ],
        advice: "install it with `apt-get install chromium`, install Google Chrome",
    }
    .find()
}
