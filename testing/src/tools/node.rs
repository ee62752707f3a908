//! Node.js, and the packages of its projects.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use local::tools::{Tool, fetch, is_program, on_path, version};
use local::{Context, Error, Result, places};

const OLDEST_MAJOR: u32 = 20;

/// The program `node`.
///
/// # Errors
/// When Node.js is missing or too old, or when the environment variable `NODE` names
/// something else.
pub fn node() -> Result<PathBuf> {
    let node = Tool {
        name: "Node.js",
        variable: "NODE",
        programs: &["node"],
        elsewhere: &[],
        advice: "install version 20 or later with npm from https://nodejs.org/",
    }
    .find()?;
    let version = version(&node, &["--version"])?;
    if major(&version).is_some_and(|major| major >= OLDEST_MAJOR) {
        return Ok(node);
    }
    Err(Error::new(format!(
        "{} is {version}: install Node.js {OLDEST_MAJOR} or later from https://nodejs.org/, or \
         name its program in NODE.",
        node.display()
    )))
}

/// Fetches the packages of `project`'s `package-lock.json`, unless they are there.
///
/// # Errors
/// When Node.js is missing as in [`node`], or a package cannot be fetched.
pub fn node_modules(project: &Path) -> Result<()> {
    let node = node()?;
    let npm = npm(&node)?;
    let _lock = fetch::lock(&places::tools(), "node_modules")?;
    if is_complete(project) {
        return Ok(());
    }
    eprintln!(
        "        Fetching the packages of {} from npm ...",
        project.display()
    );
    let path = path_through(&node)?;
    fetch::visibly(&npm.display().to_string(), |npm| {
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(project)
            .env("PATH", path);
    })
    .map_err(|cause| {
        Error::new(format!(
            "The packages of {} cannot be fetched ({cause}): run `npm ci` there.",
            project.display()
        ))
    })
}

/// The npm beside `node`, else the one on PATH.
fn npm(node: &Path) -> Result<PathBuf> {
    let beside = node.with_file_name("npm");
    if is_program(&beside) {
        return Ok(beside);
    }
    let directory = on_path("npm").ok_or_else(|| {
        Error::missing(format!(
            "{} has no npm: install it with `apt-get install npm`, or Node.js from \
             https://nodejs.org/.",
            node.display()
        ))
    })?;
    Ok(directory.join("npm"))
}

/// PATH with the directory of Node.js in front.
///
/// # Errors
/// When Node.js is missing as in [`node`].
pub fn path_with_node() -> Result<OsString> {
    path_through(&node()?)
}

/// PATH with the directory of `node` in front: npm is a script that looks there.
fn path_through(node: &Path) -> Result<OsString> {
    path_with(node.parent().unwrap_or(node))
}

/// PATH with `directory` in front.
///
/// # Errors
/// When the directory's name has a colon.
pub fn path_with(directory: &Path) -> Result<OsString> {
    let others = env::var_os("PATH").unwrap_or_default();
    let first = std::iter::once(directory.to_owned());
    env::join_paths(first.chain(env::split_paths(&others)))
        .context(|| format!("cannot put {} on PATH", directory.display()))
}

/// Whether npm has finished an installation since the lock file changed: npm writes
/// its own list last.
fn is_complete(project: &Path) -> bool {
    let modified = |file: &str| -> Option<SystemTime> {
        fs::metadata(project.join(file)).ok()?.modified().ok()
    };
    modified("node_modules/.package-lock.json")
        .is_some_and(|made| Some(made) >= modified("package-lock.json"))
}

/// 20 for `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v25.0.0-nightly2025"), Some(25));
        assert_eq!(major("node"), None);
    }

    #[test]
    fn packages_are_complete_until_the_lock_file_changes() {
        let project = env::temp_dir().join(format!("node-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(project.join("node_modules")).expect("a directory for a test");
        let write = |file: &str, age: u64| {
            let path = project.join(file);
            let time = SystemTime::now() - std::time::Duration::from_secs(age);
            let file = fs::File::create(path).expect("it is ours");
            file.set_modified(time).expect("it is ours");
        };
        write("package-lock.json", 20);
        assert!(!is_complete(&project));
        write("node_modules/.package-lock.json", 10);
        assert!(is_complete(&project));
        write("package-lock.json", 0);
        assert!(!is_complete(&project));
        fs::remove_dir_all(&project).expect("it is ours");
    }
}
