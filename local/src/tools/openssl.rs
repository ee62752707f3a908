//! What the functions' TLS library needs to be compiled against.

use std::env;
use std::process::{Command, Stdio};

use super::packages;
use crate::error::{Error, Result};

/// Makes sure that OpenSSL's headers are here; on macOS the system's own TLS is used instead.
///
/// # Errors
/// When they are missing and may not be installed.
pub fn openssl_headers() -> Result<()> {
    if cfg!(target_os = "macos") || env::var_os("OPENSSL_DIR").is_some() || present() {
        return Ok(());
    }
    packages::install(&["libssl-dev", "pkg-config"]).map_err(|cause| {
        Error::new(format!(
            "OpenSSL's headers are not here and cannot be installed ({cause}): install \
             `libssl-dev` and `pkg-config`, or `openssl-devel` and `pkgconf` on Fedora."
        ))
    })
}

fn present() -> bool {
    Command::new("pkg-config")
        .args(["--exists", "openssl"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
