//! Variables of the developer, from the environment, else from `.env`.

use std::collections::BTreeMap;
use std::env;
use std::path::Path;

use crate::error::{Context, Error, Result};
use crate::places;

/// Variables with a value; an empty one counts as not set.
pub(super) struct Variables {
    file: BTreeMap<String, String>,
    /// Those of the command line, which win.
    options: BTreeMap<String, String>,
}

impl Variables {
    /// Reads `.env` in the root of the workspace, if there is one.
    pub(super) fn read() -> Result<Self> {
        Self::from_file(&places::workspace().join(".env"))
    }

    fn from_file(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Self::of(BTreeMap::new()));
        }
        let describe = || format!("cannot read {}", path.display());
        let lines = dotenvy::from_path_iter(path).context(describe)?;
        let file = lines
            .collect::<Result<_, _>>()
            .map_err(|cause| unreadable(path, &cause))?;
        Ok(Self::of(file))
    }

    fn of(file: BTreeMap<String, String>) -> Self {
        Self {
            file,
            options: BTreeMap::new(),
        }
    }

    /// Gives a variable the value of an option, if there is one.
    pub(super) fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(|value| (name.to_owned(), value.to_owned()));
        self.options.extend(value);
    }

    /// The value of one variable.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.options
            .get(name)
            .cloned()
            .or_else(|| env::var(name).ok())
            .or_else(|| self.file.get(name).cloned())
            .filter(|value| !value.is_empty())
    }

    /// All variables of the file and the options, with the values of the environment
    /// where it has them.
    pub(super) fn of_file(&self) -> BTreeMap<String, String> {
        self.file
            .keys()
            .chain(self.options.keys())
            .filter_map(|name| Some((name.clone(), self.get(name)?)))
            .collect()
    }
}

/// Names the variable and never shows the line, which may be a secret.
fn unreadable(path: &Path, cause: &dotenvy::Error) -> Error {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let path = path.display();
    let dotenvy::Error::LineParse(line, _) = cause else {
        return Error::new(format!("cannot read {path}."));
    };
    let is_name = |name: &&str| {
        let plain = |it: char| it.is_ascii_alphanumeric() || it == '_';
        !name.is_empty() && name.chars().all(plain)
    };
    // The error may have the value alone.
    let rest = line.lines().next().unwrap_or_default().trim_end();
    let whole = text.lines().find(|whole| whole.trim_end().ends_with(rest));
    let line = whole.unwrap_or(line).trim_start();
    let line = line.trim_start_matches("export ");
    let name = line.split_once('=').map(|(name, _)| name.trim());
    Error::new(match name.filter(is_name) {
        Some(name) => format!("{name} in {path} cannot be read: put its value in single quotes."),
        None => format!("{path} has a line that is not NAME='value'."),
    })
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

    #[test]
    fn a_bad_line_is_named_and_never_shown() {
        let path = env::temp_dir().join(format!("env-{}", uuid::Uuid::new_v4()));
        for (text, said) in [
            ("GOOD=1\nAUTH_SECRET='hunter2\n", "AUTH_SECRET in "),
            ("AUTH_SECRET=hunter2 hunter2\n", "AUTH_SECRET in "),
            ("hunter2\n", "has a line that is not"),
        ] {
            std::fs::write(&path, text).expect("a file for a test");
            let error = Variables::from_file(&path).err().expect(text).to_string();
            assert!(
                error.contains(said) && !error.contains("hunter2"),
                "{error}"
            );
        }
        std::fs::remove_file(&path).expect("it is ours");
    }

    #[test]
    fn an_option_wins_over_everything() {
        let mut variables = Variables::of(BTreeMap::from([("PATH".into(), "file".into())]));
        variables.set("PATH", Some("option"));
        variables.set("HOME", None);
        assert_eq!(variables.get("PATH").as_deref(), Some("option"));
        assert_eq!(variables.of_file()["PATH"], "option");
    }
}
