//! Files and directories that have the right mode and owner from the beginning.

use std::fs::{self, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::account::Account;
use crate::error::{Context, Result};

/// Writes a new file in the place of an old one.
pub(crate) fn write(path: &Path, text: &str, mode: u32, owner: Option<&Account>) -> Result<()> {
    let describe = || format!("cannot write {}", path.display());
    remove(path)?;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)
        .context(describe)?;
    file.write_all(text.as_bytes()).context(describe)?;
    file.set_permissions(Permissions::from_mode(mode))
        .context(describe)?;
    owner.map_or(Ok(()), |account| account.own(path))
}

/// Removes a file if it exists.
pub(crate) fn remove(path: &Path) -> Result<()> {
    unless_missing(fs::remove_file(path)).context(|| format!("cannot remove {}", path.display()))
}

/// Removes a directory and everything in it, if it exists.
pub(crate) fn remove_all(path: &Path) -> Result<()> {
    unless_missing(fs::remove_dir_all(path)).context(|| format!("cannot remove {}", path.display()))
}

/// Makes a directory, if it is missing, that only its owner can use.
pub(crate) fn private_directory(path: &Path, owner: Option<&Account>) -> Result<()> {
    let describe = || format!("cannot make {}", path.display());
    fs::create_dir_all(path).context(describe)?;
    fs::set_permissions(path, Permissions::from_mode(0o700)).context(describe)?;
    owner.map_or(Ok(()), |account| account.own(path))
}

fn unless_missing(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
