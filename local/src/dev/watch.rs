//! `cargo lambda watch`, which builds each function at its first request and serves
//! it. After a change it is started again.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, PipeReader};
use std::path::{Path, PathBuf};
use std::thread;

use super::build_state::{BuildReader, BuildState};
use crate::error::{Context, Error, Result};
use crate::interrupt;
use crate::supervised::{self, Ending, Supervised};
use crate::{cargo, places};

/// While a request hangs, `cargo lambda watch` does not end by itself.
const ENDING: Ending = Ending {
    signal: "TERM",
    seconds: 4,
};

/// The running program with its children.
pub(super) struct Watch(Supervised);

impl Watch {
    /// Starts the program with `variables` and this process's environment, which
    /// cargo needs.
    pub(super) fn start(
        cargo_lambda: &Path,
        port: u16,
        variables: &BTreeMap<String, String>,
        build: BuildState,
    ) -> Result<Self> {
        let describe = || "cannot read from cargo lambda watch";
        let (output, writer) = std::io::pipe().context(describe)?;
        let mut command = supervised::command(cargo_lambda);
        command
            .args(["lambda", "watch", "--invoke-address", "127.0.0.1"])
            .args(["--invoke-port", &port.to_string(), "--disable-cors"])
            // Ours are the changes, see `Sources`.
            .arg("--ignore-changes")
            .current_dir(places::workspace())
            .env_remove("DATABASE_URL_DIRECT")
            .env("EXPLAIN_REFUSALS", "on")
            .envs(variables)
            .stdout(writer.try_clone().context(describe)?)
            .stderr(writer)
            .envs(cargo_certificates().map(|file| ("CARGO_HTTP_CAINFO", file)));
        cargo::forget_this_package(&mut command);
        let watch = Supervised::spawn(command, ENDING).map(Self)?;
        thread::spawn(move || pass_on(output, BuildReader::new(build)));
        Ok(watch)
    }

    /// Fails when the program has ended.
    pub(super) fn check(&mut self) -> Result<()> {
        match self.0.ended()? {
            None => Ok(()),
            Some(status) => Err(Error::new(format!(
                "cargo lambda watch ended by itself ({status}); its last lines stand above."
            ))),
        }
    }

    /// Ends the program and its children.
    pub(super) fn stop(&mut self) -> Result<()> {
        self.0.stop().map(|_| ())
    }
}

/// Prints what the program and its children print, until they are asked to end:
/// functions that are stopped complain.
fn pass_on(output: PipeReader, mut build: BuildReader) {
    for line in BufReader::new(output)
        .split(b'\n')
        .map_while(std::io::Result::ok)
    {
        let line = String::from_utf8_lossy(&line);
        build.read(&line);
        if !interrupt::requested() {
            eprintln!("{line}");
        }
    }
}

/// The certificates that cargo trusts when it downloads a crate: `SSL_CERT_FILE`,
/// which is for the functions, has our own authority alone.
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
