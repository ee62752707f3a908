//! The database behind `cargo dev`: its own servers, or a database of the developer.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::options::Options;
use super::steps::{say, step};
use super::variables::Variables;
use crate::error::{Context, Error, Result};
use crate::server::Server;
use crate::stack::{self, Settings, Stack, StackOptions};
use crate::{account, files, places, tools};

const DIRECT: &str = "DATABASE_URL_DIRECT";

/// Our servers, if there are any, and the variables with the database's address.
pub(super) struct Database {
    stack: Option<Stack>,
    variables: BTreeMap<String, String>,
}

/// Variables that a developer may set; otherwise they get generated values.
const CHOICES: [&str; 3] = ["AUTH_SECRET", "ACCOUNTS_PASSWORD", "TOKEN_ISSUER"];

impl Database {
    /// Starts the servers unless DATABASE_URL is set.
    pub(super) fn open(options: &Options, variables: &Variables) -> Result<Self> {
        let directory = account::reachable(&places::dev())?;
        if options.reset {
            step(|| {
                Stack::remove(&directory)?;
                Ok((format!("removed {}", directory.display()), ()))
            })?;
        }
        if variables.get("DATABASE_URL").is_some() {
            Self::given(&directory, variables)
        } else {
            Self::local(&directory, options, variables)
        }
    }

    fn given(directory: &Path, variables: &Variables) -> Result<Self> {
        say("        DATABASE_URL is set: using that database, starting no servers");
        files::private_directory(directory, None)?;
        let settings = Settings::open(directory)?;
        let defaults = [
            ("AUTH_SECRET", settings.auth_secret),
            ("ACCOUNTS_PASSWORD", settings.accounts_password),
            ("TOKEN_ISSUER", StackOptions::default().token_issuer),
        ];
        let mut all: BTreeMap<String, String> = defaults
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        all.extend(variables.of_file());
        let names = ["DATABASE_URL", DIRECT, "SSL_CERT_FILE", "SSL_CERT_DIR"];
        all.extend(chosen(variables, &names));
        all.extend(chosen(variables, &CHOICES));
        Ok(Self {
            stack: None,
            variables: all,
        })
    }

    fn local(directory: &Path, options: &Options, variables: &Variables) -> Result<Self> {
        step(|| {
            let bin = tools::postgres_bin()?;
            let version = tools::version(&bin.join("postgres"), &["--version"])?;
            Ok((format!("{version} from {}", bin.display()), ()))
        })?;
        step(|| {
            let program = options
                .missing
                .or_install(&["pgbouncer"], tools::pgbouncer)?;
            let version = tools::version(&program, &["--version"])?;
            Ok((format!("{version} from {}", program.display()), ()))
        })?;
        let stack = step(|| {
            let stack = Stack::kept(directory, &StackOptions::default())?;
            let (postgres, pooler) = (stack.postgres().port(), stack.pooler().port());
            let place = stack.directory().display();
            let done =
                format!("PostgreSQL on port {postgres}, PgBouncer on {pooler}, data in {place}");
            Ok((done, stack))
        })?;
        let url = format!("{}\n", stack.direct_url());
        files::write(&direct_url_file(&stack), &url, 0o600, None)?;
        let mut all = variables.of_file();
        all.extend(stack.environment());
        all.extend(chosen(variables, &CHOICES));
        Ok(Self {
            stack: Some(stack),
            variables: all,
        })
    }

    /// Fails with a sentence about a variable that some function would refuse: a
    /// function that ends at its start leaves its requests waiting.
    pub(super) fn check_variables(&self, migrate: &Path) -> Result<()> {
        let output = Command::new(migrate)
            .arg("--check-variables")
            .envs(&self.variables)
            .output()
            .context(|| format!("cannot run {}", migrate.display()))?;
        if output.status.success() {
            return Ok(());
        }
        Err(Error::new(String::from_utf8_lossy(&output.stderr).trim()))
    }

    /// Runs the migration program and returns its output in one line.
    pub(super) fn migrate(&self, binary: &Path) -> Result<String> {
        let all: Vec<(String, String)> = self.variables.clone().into_iter().collect();
        // Nothing else serves from a private database.
        let arguments: &[&str] = match self.stack {
            Some(_) => &["--contract"],
            None => &[],
        };
        let said = stack::migrate(binary, arguments, &all)?;
        let lines: Vec<&str> = said.lines().map(str::trim).collect();
        Ok(match lines.join("; ") {
            nothing if nothing.is_empty() => "database migrated".to_owned(),
            said => said,
        })
    }

    /// The variables of the functions, which never learn the owner's password.
    pub(super) fn for_functions(&self) -> BTreeMap<String, String> {
        let mut variables = self.variables.clone();
        variables.remove(DIRECT);
        variables
    }

    /// Fails when one of our servers has ended.
    pub(super) fn check(&self) -> Result<()> {
        let Some(stack) = &self.stack else {
            return Ok(());
        };
        check(stack.postgres(), "PostgreSQL")?;
        check(stack.pooler(), "PgBouncer")
    }

    /// The certificate and the file with the owner's address, for our servers.
    pub(super) fn for_operators(&self) -> Option<(PathBuf, PathBuf)> {
        let stack = self.stack.as_ref()?;
        let certificate = stack.certificate_authority().to_owned();
        Some((certificate, direct_url_file(stack)))
    }

    /// Stops our servers.
    pub(super) fn stop(self) -> Result<()> {
        self.stack.map_or(Ok(()), Stack::stop)
    }
}

fn check(server: &Server, name: &str) -> Result<()> {
    if server.is_running() {
        return Ok(());
    }
    let words = server.last_words();
    Err(Error::new(format!("{name} ended by itself:\n{words}")))
}

fn direct_url_file(stack: &Stack) -> PathBuf {
    stack.directory().join("direct-url")
}

fn chosen(variables: &Variables, names: &[&str]) -> Vec<(String, String)> {
    names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), variables.get(name)?)))
        .collect()
}
