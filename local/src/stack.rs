//! PostgreSQL with PgBouncer in front of it, with TLS and passwords throughout,
//! as Neon gives it: one address through the pooler, one straight to the server.

mod guard;
mod pooler;
mod postgres;
mod settings;

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::account::{self, Account};
use crate::authority::Authority;
use crate::error::{Context, Error, Result};
use crate::server::Server;
use crate::supervised;
use crate::{files, parts};

use guard::Guard;
pub(crate) use settings::Settings;

/// What may differ from one stack to another.
#[derive(Clone, Debug)]
pub struct StackOptions {
    /// Server connections that PgBouncer opens at most.
    pub pool_size: u16,
    /// `TOKEN_ISSUER` of the functions.
    pub token_issuer: String,
    /// Settings of PostgreSQL beside ours, such as `("log_statement", "all")`.
    pub server_settings: Vec<(&'static str, &'static str)>,
}

impl Default for StackOptions {
    fn default() -> Self {
        Self {
            pool_size: 10,
            token_issuer: "todo-service-dev".to_owned(),
            server_settings: Vec::new(),
        }
    }
}

/// Two servers and what clients need to know about them.
///
/// Dropped, it stops them in order; when it is never dropped they stop with
/// the process.
pub struct Stack {
    // Dropped in this order: clients first, the directory last.
    pooler: Server,
    postgres: Server,
    authority: Authority,
    settings: Settings,
    options: StackOptions,
    directory: PathBuf,
    _guard: Guard,
    _lock: Option<File>,
}

/// How durable a directory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeping {
    Temporary,
    Kept,
}

impl Stack {
    /// Starts a fresh stack in a directory that disappears with it.
    ///
    /// # Errors
    /// When a part is missing or a server does not start.
    pub fn temporary(options: &StackOptions) -> Result<Self> {
        let name = format!("todo-{}", uuid::Uuid::new_v4().simple());
        let directory = account::reachable(&env::temp_dir().join(name))?;
        Self::start(directory, Keeping::Temporary, options)
    }

    /// Starts the stack whose data, passwords and ports are kept in `directory`,
    /// which is filled when it is empty.
    ///
    /// # Errors
    /// When a part is missing, a server does not start, the data belongs to
    /// another major version of PostgreSQL, or the directory is in use.
    pub fn kept(directory: &Path, options: &StackOptions) -> Result<Self> {
        Self::start(account::reachable(directory)?, Keeping::Kept, options)
    }

    fn start(directory: PathBuf, keeping: Keeping, options: &StackOptions) -> Result<Self> {
        let bin = parts::postgres_bin()?;
        let pgbouncer = parts::pgbouncer()?;
        let account = Account::for_servers()?;
        files::private_directory(&directory, account.as_ref())?;
        let guard = match keeping {
            Keeping::Temporary => Guard::removing(&directory)?,
            Keeping::Kept => Guard::idle()?,
        };
        let lock = match keeping {
            Keeping::Temporary => None,
            Keeping::Kept => Some(lock(&directory)?),
        };
        let settings = Settings::open(&directory)?;
        let authority = Authority::open(&directory, account.as_ref())?;
        let place = Place {
            directory: &directory,
            keeping,
            account: account.as_ref(),
            guard: &guard,
            settings: &settings,
            authority: &authority,
        };
        let postgres = postgres::start(&bin, &place, &options.server_settings)?;
        let pooler = pooler::start(pgbouncer, &place, postgres.port(), options.pool_size)?;
        Ok(Self {
            pooler,
            postgres,
            authority,
            settings,
            options: options.clone(),
            directory,
            _guard: guard,
            _lock: lock,
        })
    }

    /// The database as functions see it: through the pooler, as a role without
    /// rights of its own, which the migration makes.
    pub fn pooled_url(&self) -> String {
        let password = &self.settings.login_password;
        url("todo_login", password, self.pooler.port())
    }

    /// The database as migrations see it: the server itself, as its owner.
    pub fn direct_url(&self) -> String {
        let password = &self.settings.owner_password;
        url("todo_owner", password, self.postgres.port())
    }

    /// The database as dumps see it: by a role that reads everything. At Neon the
    /// owner does, here row-level security binds it.
    pub fn dump_url(&self) -> String {
        let password = &self.settings.owner_password;
        url("todo_dump", password, self.postgres.port())
    }

    /// The certificate that signed those of both servers.
    pub fn certificate_authority(&self) -> &Path {
        &self.authority.certificate
    }

    /// The PostgreSQL server.
    pub fn postgres(&self) -> &Server {
        &self.postgres
    }

    /// The PgBouncer in front of it.
    pub fn pooler(&self) -> &Server {
        &self.pooler
    }

    /// The directory that holds data, certificates and logs.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Variables for the functions and for the migration.
    pub fn environment(&self) -> Vec<(String, String)> {
        let nowhere = self.directory.join("no-other-certificates");
        let authority = self.certificate_authority();
        [
            ("DATABASE_URL", self.pooled_url()),
            ("DATABASE_URL_DIRECT", self.direct_url()),
            ("SSL_CERT_FILE", authority.display().to_string()),
            ("SSL_CERT_DIR", nowhere.display().to_string()),
            ("AUTH_SECRET", self.settings.auth_secret.clone()),
            ("ACCOUNTS_PASSWORD", self.settings.accounts_password.clone()),
            ("TOKEN_ISSUER", self.options.token_issuer.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Runs the migration program and returns what it printed.
    ///
    /// # Errors
    /// When it fails, with what it printed.
    pub fn migrate(&self, binary: &Path) -> Result<String> {
        migrate(binary, &["--contract"], &self.environment())
    }

    /// Removes a kept directory, unless it is in use.
    pub(crate) fn remove(directory: &Path) -> Result<()> {
        if !directory.exists() {
            return Ok(());
        }
        let _lock = lock(directory)?;
        files::remove_all(directory)
    }

    /// Stops both servers in order, as dropping does, but says what went wrong.
    ///
    /// # Errors
    /// When a process cannot be waited for.
    pub fn stop(self) -> Result<()> {
        self.pooler.stop()?;
        self.postgres.stop()
    }
}

/// Runs the migration program in `environment` and nothing else.
pub(crate) fn migrate(
    binary: &Path,
    arguments: &[&str],
    environment: &[(String, String)],
) -> Result<String> {
    let mut command = supervised::command(binary);
    command
        .args(arguments)
        .env_clear()
        .envs(env::var_os("PATH").map(|path| ("PATH", path)))
        .envs(environment.iter().map(|(name, value)| (name, value)));
    supervised::output("The migration", command)
}

fn url(role: &str, password: &str, port: u16) -> String {
    format!("postgres://{role}:{password}@127.0.0.1:{port}/todo?sslmode=verify-full")
}

fn lock(directory: &Path) -> Result<File> {
    let path = directory.join("lock");
    let file = File::create(&path).context(|| format!("cannot write {}", path.display()))?;
    file.try_lock().map_err(|_| {
        Error::new(format!(
            "{} is in use by another process, perhaps another `cargo dev`: stop that first.",
            directory.display()
        ))
    })?;
    Ok(file)
}

/// What both servers are started with.
struct Place<'a> {
    directory: &'a Path,
    keeping: Keeping,
    account: Option<&'a Account>,
    guard: &'a Guard,
    settings: &'a Settings,
    authority: &'a Authority,
}
