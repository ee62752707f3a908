//! The system's package manager, where it needs no password.

use std::process::{Command, Stdio};

use nix::unistd::geteuid;

use super::options::Missing;
use crate::error::{Error, Result};
use crate::places;
use crate::tools::{fetch, on_path};

impl Missing {
    /// Runs `find`, and when a program is missing, may install `packages` and run
    /// `find` again.
    pub(super) fn or_install<T>(
        self,
        packages: &[&str],
        find: impl Fn() -> Result<T>,
    ) -> Result<T> {
        match find() {
            Err(missing) if missing.is_missing() && self == Self::Install => {
                install(packages).map_err(|cause| {
                    Error::new(format!(
                        "{missing} It cannot be installed from here: {cause}."
                    ))
                })?;
                find()
            }
            other => other,
        }
    }
}

/// Installs packages with apt-get or Homebrew.
fn install(packages: &[&str]) -> Result<()> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// An installation of this package would fail with another sentence.
    const PACKAGES: &[&str] = &["no-such-package"];

    #[test]
    fn nothing_is_installed_where_it_is_forbidden() {
        let missing = Error::missing("PgBouncer is not here.");
        let find = || Err::<(), _>(missing.clone());
        assert_eq!(
            Missing::Report.or_install(PACKAGES, find),
            Err(missing.clone())
        );
    }

    #[test]
    fn only_a_missing_program_is_installed() {
        assert_eq!(Missing::Install.or_install(PACKAGES, || Ok(1)), Ok(1));
        let misnamed = Error::new("PGBOUNCER names /etc, which is not a program.");
        let find = || Err::<(), _>(misnamed.clone());
        assert_eq!(
            Missing::Install.or_install(PACKAGES, find),
            Err(misnamed.clone())
        );
    }
}
