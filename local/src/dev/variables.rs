//! Variables of the developer, from the environment, else from `.env`.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use crate::error::{Context, Result};
use crate::places;

/// Variables with a value; an empty one counts as not set.
pub(super) struct Variables {
    file: BTreeMap<String, String>,
}

impl Variables {
    /// Reads `.env` in the root of the workspace, if there is one.
    pub(super) fn read() -> Result<Self> {
        Self::from_file(&places::workspace().join(".env"))
    }

    fn from_file(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Self {
                file: BTreeMap::new(),
            });
        }
        let describe = || format!("cannot read {}", path.display());
        let file = dotenvy::from_path_iter(path)
            .context(describe)?
            .collect::<Result<_, _>>()
            .context(describe)?;
        Ok(Self { file })
    }

    /// The value of one variable.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        env::var(name)
            .ok()
            .or_else(|| self.file.get(name).cloned())
            .filter(|value| !value.is_empty())
    }

    /// All variables of the file, with the values of the environment where it has them.
    pub(super) fn of_file(&self) -> BTreeMap<String, String> {
        self.file
            .keys()
            .filter_map(|name| Some((name.clone(), self.get(name)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_gives_what_the_environment_does_not() {
        let path = env::temp_dir().join(format!("env-{}", uuid::Uuid::new_v4()));
        let text = "PATH=nowhere\nEMPTY_HERE=\nQUOTED_HERE='a=b?c=d' # why\n";
        std::fs::write(&path, text).expect("a file for a test");
        let variables = Variables::from_file(&path).expect("it is well formed");
        std::fs::remove_file(&path).expect("it is ours");
        assert_eq!(variables.get("PATH"), env::var("PATH").ok());
        assert_eq!(variables.get("QUOTED_HERE").as_deref(), Some("a=b?c=d"));
        assert_eq!(variables.get("EMPTY_HERE"), None);
        assert!(!variables.of_file().contains_key("EMPTY_HERE"));
    }
}
