//! Downloads into `target/tools`. Two processes at a time fetch a thing once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::account;
use crate::error::{Context, Error, Result};
use crate::files;
use crate::places;
use crate::supervised::{self, Ending, Supervised};

/// Returns the directory `name` below the tools, filled by `fill` at its first use.
///
/// `what` is announced before the download.
pub fn once(name: &str, what: &str, fill: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let tools = account::reachable(&places::tools())?;
    let directory = tools.join(name);
    let done = directory.join(".complete");
    let _lock = lock(&tools, name)?;
    if !done.exists() {
        eprintln!("        Fetching {what} ...");
        files::remove_all(&directory)?;
        fs::create_dir_all(&directory)
            .context(|| format!("cannot make {}", directory.display()))?;
        fill(&directory)?;
        files::write(&done, "", 0o644, None)?;
    }
    Ok(directory)
}

/// Locks a name until the returned file is dropped.
pub fn lock(tools: &Path, name: &str) -> Result<File> {
    let path = tools.join(format!("{name}.lock"));
    let describe = || format!("cannot lock {}", path.display());
    fs::create_dir_all(tools).context(describe)?;
    let file = File::create(&path).context(describe)?;
    file.lock().context(describe)?;
    Ok(file)
}

/// Runs a program whose progress the user sees.
pub fn visibly(program: &str, configure: impl FnOnce(&mut Command)) -> Result<()> {
    let mut command = supervised::command(program);
    configure(&mut command);
    // Standard output belongs to this program's own lines.
    command.stdout(std::io::stderr());
    let status = Supervised::spawn(command, Ending::BRISK)?.wait()?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::new(format!("{program} failed ({status})")))
    }
}
