//! Node.js with npm, and the packages of a project of theirs.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use local::tools::{fetch, is_program, named, on_path, packages, version};
use local::{Context, Error, Result, places};

const OLDEST_MAJOR: u32 = 20;

/// The program `node` that has npm at its side, installed with the system's package manager when
/// one of them is missing.
///
/// # Errors
/// When they are not here and may not be installed, are too old, or when the environment variable
/// `NODE` names something else.
pub fn node() -> Result<PathBuf> {
    let node = find()?;
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

/// Makes sure that `project` has the packages of its `package-lock.json`.
///
/// # Errors
/// When Node.js is missing as in [`node`], or a package cannot be fetched.
pub fn node_modules(project: &Path) -> Result<()> {
    let node = node()?;
    let npm = npm(&node).ok_or_else(|| missing("there is no npm beside it"))?;
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

fn find() -> Result<PathBuf> {
    if let Some(node) = named("NODE") {
        return if is_program(&node) && npm(&node).is_some() {
            Ok(node)
        } else {
            Err(Error::new(format!(
                "NODE names {}, which is not a program with npm at its side.",
                node.display()
            )))
        };
    }
    if let Some(node) = installed() {
        return Ok(node);
    }
    // Homebrew's package has npm in it, Debian's has not.
    let wanted: &[&str] = if on_path("brew").is_some() {
        &["node"]
    } else {
        &["nodejs", "npm"]
    };
    packages::install(wanted).map_err(|cause| missing(&cause.to_string()))?;
    installed().ok_or_else(|| missing("it was installed and is not on PATH"))
}

fn installed() -> Option<PathBuf> {
    let node = on_path("node")?.join("node");
    npm(&node).is_some().then_some(node)
}

fn missing(cause: &str) -> Error {
    Error::new(format!(
        "Node.js and npm are not here and cannot be installed ({cause}): install version \
         {OLDEST_MAJOR} or later from https://nodejs.org/, or name the program `node` in NODE."
    ))
}

/// The npm beside `node`, else any.
fn npm(node: &Path) -> Option<PathBuf> {
    let beside = node.with_file_name("npm");
    if is_program(&beside) {
        return Some(beside);
    }
    on_path("npm").map(|directory| directory.join("npm"))
}

/// PATH with `node` in front: npm is a script that looks for it there.
fn path_through(node: &Path) -> Result<OsString> {
    let others = env::var_os("PATH").unwrap_or_default();
    let directories = node.parent().map(Path::to_owned);
    env::join_paths(directories.into_iter().chain(env::split_paths(&others)))
        .context(|| "cannot put node on PATH")
}

/// npm writes its own list last, so that an installation that was cut short
/// has none.
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
