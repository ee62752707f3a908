//! Passwords, secrets and ports, which a directory keeps from start to start.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::error::{Context, Error, Result};
use crate::files;
use crate::server::free_port;

/// The content of `settings.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) owner_password: String,
    pub(crate) login_password: String,
    pub(crate) auth_secret: String,
    pub(crate) accounts_password: String,
    /// The password of the role with which PgBouncer reads other roles' passwords.
    pub(crate) pooler_password: String,
    /// Ports that are used when they are free.
    pub(crate) postgres_port: u16,
    pub(crate) pooler_port: u16,
}

impl Settings {
    /// Reads the settings in `directory`, or makes new ones.
    pub(crate) fn open(directory: &Path) -> Result<Self> {
        let path = file(directory);
        if path.exists() {
            return Self::read(&path);
        }
        let settings = Self {
            owner_password: secret(),
            login_password: secret(),
            auth_secret: secret(),
            accounts_password: secret(),
            pooler_password: secret(),
            postgres_port: free_port(None)?,
            pooler_port: free_port(None)?,
        };
        settings.write(directory)?;
        Ok(settings)
    }

    /// Writes a draft and renames it, so that the file is always complete.
    pub(super) fn write(&self, directory: &Path) -> Result<()> {
        let (draft, path) = (directory.join("settings.json.new"), file(directory));
        files::write(&draft, &self.to_json().to_string(), 0o600, None)?;
        fs::rename(&draft, &path).context(|| format!("cannot write {}", path.display()))
    }

    /// The same passwords and secrets with ports that nobody else was given.
    pub(super) fn with_other_ports(&self) -> Result<Self> {
        Ok(Self {
            postgres_port: free_port(None)?,
            pooler_port: free_port(None)?,
            ..self.clone()
        })
    }

    fn read(path: &Path) -> Result<Self> {
        let describe = || format!("cannot read {}", path.display());
        let text = fs::read_to_string(path).context(describe)?;
        let json: Value = serde_json::from_str(&text).context(describe)?;
        Self::from_json(&json).ok_or_else(|| {
            Error::new(format!(
                "{} is not complete: run `cargo dev --reset`.",
                path.display()
            ))
        })
    }

    fn to_json(&self) -> Value {
        json!({
            "owner_password": self.owner_password,
            "login_password": self.login_password,
            "auth_secret": self.auth_secret,
            "accounts_password": self.accounts_password,
            "pooler_password": self.pooler_password,
            "postgres_port": self.postgres_port,
            "pooler_port": self.pooler_port,
        })
    }

    fn from_json(json: &Value) -> Option<Self> {
        let text = |name: &str| json[name].as_str().map(str::to_owned);
        let port = |name: &str| json[name].as_u64().and_then(|port| port.try_into().ok());
        Some(Self {
            owner_password: text("owner_password")?,
            login_password: text("login_password")?,
            auth_secret: text("auth_secret")?,
            accounts_password: text("accounts_password")?,
            pooler_password: text("pooler_password")?,
            postgres_port: port("postgres_port")?,
            pooler_port: port("pooler_port")?,
        })
    }
}

fn file(directory: &Path) -> PathBuf {
    directory.join("settings.json")
}

/// 244 random bits in hexadecimal, which nothing needs to quote.
fn secret() -> String {
    let half = || uuid::Uuid::new_v4().simple().to_string();
    half() + &half()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_the_same_at_every_start() {
        let directory = std::env::temp_dir().join(format!("settings-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&directory).expect("a directory for a test");
        let first = Settings::open(&directory).expect("they are made up");
        assert_eq!(Settings::open(&directory), Ok(first));
        fs::remove_dir_all(&directory).expect("it is ours");
    }
}
