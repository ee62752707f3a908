//! `cargo lambda watch`: serves the functions and builds them again when a file changes.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use super::build::forget_this_package;
use crate::error::{Error, Result};
use crate::places;
use crate::supervised::{self, Ending, Supervised};

/// It may not end by itself while a request hangs, and then must.
const ENDING: Ending = Ending {
    signal: "TERM",
    seconds: 4,
};

/// The running program, with all that it started.
pub(super) struct Watch(Supervised);

impl Watch {
    /// Starts it with `variables` on top of this process's environment, which
    /// cargo needs.
    pub(super) fn start(
        cargo_lambda: &Path,
        port: u16,
        variables: &BTreeMap<String, String>,
    ) -> Result<Self> {
        let mut command = supervised::command(cargo_lambda);
        command
            .args(["lambda", "watch", "--invoke-address", "127.0.0.1"])
            .args(["--invoke-port", &port.to_string()])
            .current_dir(places::workspace())
            .env_remove("DATABASE_URL_DIRECT")
            .envs(variables)
            .envs(cargo_certificates().map(|file| ("CARGO_HTTP_CAINFO", file)));
        forget_this_package(&mut command);
        Supervised::spawn(command, ENDING).map(Self)
    }

    /// Fails when it has ended.
    pub(super) fn check(&mut self) -> Result<()> {
        match self.0.ended()? {
            None => Ok(()),
            Some(status) => Err(Error::new(format!(
                "cargo lambda watch ended by itself ({status}); its last lines stand above."
            ))),
        }
    }

    /// Ends it and all that it started.
    pub(super) fn stop(&mut self) -> Result<()> {
        self.0.stop().map(|_| ())
    }
}

/// `SSL_CERT_FILE` tells the functions to trust our authority only, but it
/// would also tell cargo, when a changed manifest makes it download a crate.
fn cargo_certificates() -> Option<PathBuf> {
    const USUAL: [&str; 3] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/cert.pem",
    ];
    if env::var_os("CARGO_HTTP_CAINFO").is_some() {
        return None;
    }
    env::var_os("SSL_CERT_FILE")
        .into_iter()
        .map(PathBuf::from)
        .chain(USUAL.map(PathBuf::from))
        .find(|file| file.exists())
}
