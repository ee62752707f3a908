//! OpenSSL's headers, which the functions' TLS library is compiled against.

use std::env;
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// Checks that OpenSSL's headers are here; macOS needs none, because the system's
/// own TLS is used.
///
/// # Errors
/// When the headers are missing.
pub fn openssl_headers() -> Result<()> {
    let known = Command::new("pkg-config")
        .args(["--exists", "openssl"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if known || cfg!(target_os = "macos") || env::var_os("OPENSSL_DIR").is_some() {
        return Ok(());
    }
    Err(Error::missing(
        "OpenSSL's headers are not here: install `libssl-dev` and `pkg-config`, or \
         `openssl-devel` and `pkgconf` on Fedora.",
    ))
}
