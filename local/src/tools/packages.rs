//! The system's package manager, where it needs no password.

use std::process::{Command, Stdio};

use nix::unistd::geteuid;

use super::{fetch, on_path};
use crate::error::{Error, Result};
use crate::places;

/// Installs packages with apt-get or Homebrew.
///
/// # Errors
/// Where there is neither, or root's password would be needed.
pub fn install(packages: &[&str]) -> Result<()> {
    let _lock = fetch::lock(&places::tools(), "packages")?;
    if on_path("brew").is_some() {
        announce(packages, "brew");
        return fetch::visibly("brew", |brew| {
            brew.arg("install").args(packages);
        });
    }
    if on_path("apt-get").is_none() {
        return Err(Error::new("there is no apt-get and no brew here"));
    }
    let privilege = privilege()?;
    announce(packages, "apt-get");
    let install = ["install", "-y", "--no-install-recommends"];
    let install: Vec<&str> = install.iter().chain(packages).copied().collect();
    // The lists of packages are empty on a fresh image, and may be old elsewhere.
    apt_get(privilege, &install).or_else(|_| {
        apt_get(privilege, &["update"])?;
        apt_get(privilege, &install)
    })
}

fn announce(packages: &[&str], manager: &str) {
    eprintln!(
        "        Installing {} with {manager} ...",
        packages.join(" and ")
    );
}

/// The command in front of apt-get that makes it run as root.
fn privilege() -> Result<&'static [&'static str]> {
    if geteuid().is_root() {
        return Ok(&["env"]);
    }
    let sudo = Command::new("sudo")
        .args(["-n", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if sudo.is_ok_and(|status| status.success()) {
        Ok(&["sudo", "-n", "env"])
    } else {
        Err(Error::new(
            "apt-get needs root, and sudo asks for a password",
        ))
    }
}

fn apt_get(privilege: &[&str], arguments: &[&str]) -> Result<()> {
    let (program, before) = privilege.split_first().unwrap_or((&"env", &[]));
    fetch::visibly(program, |command| {
        command
            .args(before)
            .args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"])
            .args(arguments);
    })
}
