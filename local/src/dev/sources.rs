//! Changes of the files that the functions are built from.
//!
//! cargo-lambda watches the whole workspace once for each function, `target` and
//! all: it misses what changes before it has begun, or beyond the system's limit of
//! watched directories. A few hundred files are asked for their times in no time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::places;

/// Below the root of the workspace.
const SOURCES: [&str; 7] = [
    "Cargo.toml",
    "Cargo.lock",
    "functions",
    "migrations",
    "openapi.json",
    "shared",
    "sql",
];

/// The files with the times of their last changes.
pub(super) struct Sources {
    root: PathBuf,
    seen: BTreeMap<PathBuf, SystemTime>,
}

impl Sources {
    /// The workspace's sources as they are now.
    pub(super) fn now() -> Self {
        Self::of(places::workspace())
    }

    fn of(root: &Path) -> Self {
        let root = root.to_owned();
        let seen = times(&root);
        Self { root, seen }
    }

    /// Whether a file was changed, made or removed since the last call.
    pub(super) fn changed(&mut self) -> bool {
        let now = times(&self.root);
        let changed = now != self.seen;
        self.seen = now;
        changed
    }
}

fn times(root: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let mut times = BTreeMap::new();
    for source in SOURCES {
        collect(&root.join(source), &mut times);
    }
    times
}

/// A file that cannot be read counts as absent: an editor may just be replacing it.
fn collect(path: &Path, times: &mut BTreeMap<PathBuf, SystemTime>) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        collect(&entry.path(), times);
    }
    if let Ok(of_file) = fs::metadata(path)
        && of_file.is_file()
        && let Ok(time) = of_file.modified()
    {
        times.insert(path.to_owned(), time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_a_new_and_a_removed_file_are_noticed_once() {
        let root = std::env::temp_dir().join(format!("sources-{}", uuid::Uuid::new_v4()));
        let web = root.join("functions/web");
        fs::create_dir_all(&web).expect("a directory for a test");
        let (page, script) = (web.join("index.html"), web.join("app.js"));
        fs::write(&page, "one").expect("it is ours");
        let mut sources = Sources::of(&root);
        assert!(!sources.changed());
        let later = SystemTime::now() + std::time::Duration::from_secs(1);
        let file = fs::File::options()
            .append(true)
            .open(&page)
            .expect("it is there");
        file.set_modified(later).expect("it is ours");
        assert!(sources.changed());
        fs::write(&script, "two").expect("it is ours");
        assert!(sources.changed());
        fs::remove_file(&script).expect("it is ours");
        assert!(sources.changed() && !sources.changed());
        fs::write(root.join("README.md"), "three").expect("it is ours");
        assert!(!sources.changed());
        fs::remove_dir_all(&root).expect("it is ours");
    }
}
