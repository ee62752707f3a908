//! PostgreSQL with PgBouncer in front of it, with TLS and passwords, as Neon has
//! it: one address leads through the pooler, one directly to the server.

mod pooler;
mod postgres;
mod settings;
mod template;
mod temporary_directory;

use std::env;
use std::fs::File;
use std::io::PipeWriter;
use std::path::{Path, PathBuf};

use crate::account::{self, Account};
use crate::certificates::Certificates;
use crate::error::{Context, Error, Result};
use crate::server::Server;
use crate::supervised;
use crate::{files, tools};

pub(crate) use settings::Settings;
pub use template::Template;
use temporary_directory::TemporaryDirectory;

/// Options of a stack.
#[derive(Clone, Debug)]
pub struct StackOptions {
    /// The highest number of server connections that PgBouncer opens.
    pub pool_size: u16,
    /// `TOKEN_ISSUER` of the functions.
    pub token_issuer: String,
    /// Additional settings of PostgreSQL, such as `("log_statement", "all")`.
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

/// Both servers, and what their clients need to know.
///
/// Dropping a stack stops its servers; they also stop with the process.
pub struct Stack {
    // Fields are dropped in this order: the pooler before its server, the
    // directory last.
    pooler: Server,
    postgres: Server,
    certificates: Certificates,
    settings: Settings,
    options: StackOptions,
    directory: PathBuf,
    temporary: Option<TemporaryDirectory>,
    _lock: Option<File>,
}

impl Stack {
    /// Starts a fresh stack in a directory that disappears with it.
    ///
    /// # Errors
    /// When a program is missing or a server does not start.
    pub fn temporary(options: &StackOptions) -> Result<Self> {
        let directory = TemporaryDirectory::create()?;
        Self::start(directory.path().to_owned(), Some(directory), None, options)
    }

    /// Starts a stack like [`Stack::temporary`] with a copy of the data of `template`.
    ///
    /// # Errors
    /// When a program is missing or a server does not start.
    pub fn from_template(template: &Template, options: &StackOptions) -> Result<Self> {
        let directory = TemporaryDirectory::create()?;
        template.copy_to(directory.path())?;
        Self::start(directory.path().to_owned(), Some(directory), None, options)
    }

    /// Stops a temporary stack and keeps its data to start others from.
    ///
    /// # Errors
    /// When a server does not stop, or the stack is not temporary.
    pub fn into_template(self) -> Result<Template> {
        self.pooler.stop()?;
        self.postgres.stop()?;
        let directory = self.temporary;
        Ok(Template {
            directory: directory.ok_or_else(|| Error::new("The stack is not temporary."))?,
            settings: self.settings,
        })
    }

    /// Starts the stack whose data, passwords and ports are kept in `directory`,
    /// which is filled when it is empty.
    ///
    /// # Errors
    /// When a program is missing, a server does not start, the data belongs to
    /// another major version of PostgreSQL, or the directory is in use.
    pub fn kept(directory: &Path, options: &StackOptions) -> Result<Self> {
        let directory = account::reachable(directory)?;
        files::private_directory(&directory, Account::for_servers()?.as_ref())?;
        let lock = lock(&directory)?;
        Self::start(directory, None, Some(lock), options)
    }

    fn start(
        directory: PathBuf,
        temporary: Option<TemporaryDirectory>,
        lock: Option<File>,
        options: &StackOptions,
    ) -> Result<Self> {
        let bin = tools::postgres_bin()?;
        let pgbouncer = tools::pgbouncer()?;
        let account = Account::for_servers()?;
        let settings = Settings::open(&directory)?;
        let certificates = Certificates::open(&directory, account.as_ref())?;
        let place = Place {
            directory: &directory,
            temporary: temporary.as_ref(),
            account: account.as_ref(),
            settings: &settings,
            certificates: &certificates,
        };
        let postgres = postgres::start(&bin, &place, &options.server_settings)?;
        let pooler = pooler::start(pgbouncer, &place, postgres.port(), options.pool_size)?;
        Ok(Self {
            pooler,
            postgres,
            certificates,
            settings,
            options: options.clone(),
            directory,
            temporary,
            _lock: lock,
        })
    }

    /// The address for functions: through the pooler, with a role that has no
    /// rights of its own and that the migration creates.
    pub fn pooled_url(&self) -> String {
        let password = &self.settings.login_password;
        url("todo_login", password, self.pooler.port())
    }

    /// The address for migrations: the server itself, with the role of the owner.
    pub fn direct_url(&self) -> String {
        let password = &self.settings.owner_password;
        url("todo_owner", password, self.postgres.port())
    }

    /// PostgreSQL's superuser, with which PgBouncer looks up passwords: at its
    /// own console, and for a whole dump at the server.
    pub fn superuser_urls(&self) -> [String; 2] {
        let password = &self.settings.pooler_password;
        let console = url("pooler", password, self.pooler.port());
        [
            console.replace("/todo?", "/pgbouncer?"),
            url("pooler", password, self.postgres.port()),
        ]
    }

    /// The certificate of the authority, which signed the servers' certificate.
    pub fn certificate_authority(&self) -> &Path {
        &self.certificates.authority
    }

    /// The PostgreSQL server.
    pub fn postgres(&self) -> &Server {
        &self.postgres
    }

    /// The PgBouncer in front of PostgreSQL.
    pub fn pooler(&self) -> &Server {
        &self.pooler
    }

    /// The directory that holds data, certificates and logs.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Environment variables for the functions and for the migration.
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

    /// Runs the migration program and returns its output.
    ///
    /// # Errors
    /// When the program fails, with its output.
    pub fn migrate(&self, binary: impl AsRef<Path>) -> Result<String> {
        migrate(binary.as_ref(), &["--contract"], &self.environment())
    }

    /// Removes a kept directory that no other process uses.
    pub(crate) fn remove(directory: &Path) -> Result<()> {
        if !directory.exists() {
            return Ok(());
        }
        let _lock = lock(directory)?;
        files::remove_all(directory)
    }

    /// Stops both servers as operators would.
    ///
    /// # Errors
    /// When a process cannot be waited for.
    pub fn stop(self) -> Result<()> {
        self.pooler.stop()?;
        self.postgres.stop()
    }
}

/// Runs the migration program with `environment` alone.
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

/// The parameters that both servers are started with.
struct Place<'a> {
    directory: &'a Path,
    /// The directory, when it disappears with the servers.
    temporary: Option<&'a TemporaryDirectory>,
    account: Option<&'a Account>,
    settings: &'a Settings,
    certificates: &'a Certificates,
}

impl Place<'_> {
    /// The pipe that each process of a server holds open.
    fn share(&self) -> Result<Option<PipeWriter>> {
        self.temporary.map(TemporaryDirectory::share).transpose()
    }
}
