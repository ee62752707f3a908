//! The means of a function, made once in the init phase.

use lambda_http::Request;

use crate::auth::{
    Account, KeySet, Keys, Logout, PasswordPolicy, PasswordResets, Sessions, User, check_path_user,
    log_out, public_keys, verify,
};
use crate::config::{Config, ConfigError, DatabaseLogin, DatabaseUrl, MailConfig};
use crate::database::{Call, Connector, Database, Failure};
use crate::model::Page;
use crate::problem::Problem;
use crate::tasks::{Export, Tasks, export};

/// The means that a handler borrows. Their type decides with which login the
/// function signs in, and so what its environment could do in other hands:
/// [`Context`] for tasks, [`Accounts`] for the accounts of signed-in users,
/// [`PasswordResets`] for forgotten passwords, [`Sessions`] where users sign in,
/// or nothing at all (`()`) where neither the database nor a secret is needed.
pub trait Service: Send + Sync + Sized {
    /// Makes it from what the environment says.
    ///
    /// # Errors
    /// The first variable that is missing or bad.
    fn from_environment() -> Result<Self, ConfigError>;

    /// Does ahead of the first request what would delay it.
    ///
    /// # Errors
    /// 503; the first request will try again.
    fn warm_up(&self) -> impl Future<Output = Result<(), Problem>> + Send;
}

/// The database, and the keys of those who issue tokens.
pub struct Context {
    database: Database,
    keys: Keys,
}

/// The accounts of signed-in users.
pub struct Accounts {
    context: Context,
    password_policy: PasswordPolicy,
}

impl Service for Context {
    fn from_environment() -> Result<Self, ConfigError> {
        let config = Config::from_environment()?;
        Self::new(&config, config.database.clone())
    }

    async fn warm_up(&self) -> Result<(), Problem> {
        Ok(self.keys.warm_up(&self.database).await?)
    }
}

impl Service for Accounts {
    fn from_environment() -> Result<Self, ConfigError> {
        let config = Config::from_environment()?;
        let login = DatabaseLogin::of_accounts(&config.database)?;
        Ok(Self {
            context: Context::new(&config, config.database.clone().signing_in_as(&login))?,
            password_policy: PasswordPolicy::new(&config),
        })
    }

    async fn warm_up(&self) -> Result<(), Problem> {
        self.context.warm_up().await
    }
}

impl Service for Sessions {
    fn from_environment() -> Result<Self, ConfigError> {
        let config = Config::from_environment()?;
        let login = DatabaseLogin::of_sign_in(&config.database)?;
        let url = config.database.clone().signing_in_as(&login);
        Sessions::new(&config, Database::new(Connector::new(url)?))
    }

    async fn warm_up(&self) -> Result<(), Problem> {
        Ok(self.database().open().await?)
    }
}

impl Service for PasswordResets {
    fn from_environment() -> Result<Self, ConfigError> {
        let config = Config::from_environment()?;
        let login = DatabaseLogin::of_accounts(&config.database)?;
        let url = config.database.clone().signing_in_as(&login);
        Ok(Self::new(
            Database::new(Connector::new(url)?),
            PasswordPolicy::new(&config),
            MailConfig::from_environment()?,
        ))
    }

    async fn warm_up(&self) -> Result<(), Problem> {
        Ok(self.database().open().await?)
    }
}

impl Service for () {
    fn from_environment() -> Result<Self, ConfigError> {
        Ok(())
    }

    async fn warm_up(&self) -> Result<(), Problem> {
        Ok(())
    }
}

impl Context {
    fn new(config: &Config, url: DatabaseUrl) -> Result<Self, ConfigError> {
        Ok(Self {
            database: Database::new(Connector::new(url)?),
            keys: Keys::new(config),
        })
    }

    /// The user whose token the request bears, and whom a `{user_id}` in its
    /// path has to name.
    ///
    /// # Errors
    /// 401 without a good token, 403 for another user's path, 503 when the
    /// keys could not be read.
    pub async fn authenticate(&self, request: &Request) -> Result<User, Problem> {
        let user = verify(request, &self.keys, &self.database).await?;
        check_path_user(request, user.id())?;
        Ok(user)
    }

    /// The tasks of this user and of no other.
    pub fn tasks<'a>(&'a self, user: &'a User) -> Tasks<'a> {
        Tasks::new(&self.database, user)
    }

    /// Reads the public keys of the built-in tokens.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub async fn public_keys(&self) -> Result<KeySet, Problem> {
        public_keys(&self.database).await
    }

    /// Whether requests can be served: the database answers and is migrated.
    ///
    /// # Errors
    /// 503 when it is not.
    pub async fn check_ready(&self) -> Result<(), Problem> {
        match self.database.call(&Call::reading("check_ready")).await {
            Ok(_) => Ok(()),
            // The functions or the grants are not there (yet).
            Err(Failure::Refused(refusal)) => Err(Failure::Unavailable(format!(
                "not migrated: SQLSTATE {}",
                refusal.state.code()
            ))
            .into()),
            Err(failure) => Err(failure.into()),
        }
    }
}

impl Accounts {
    /// See [`Context::authenticate`].
    ///
    /// # Errors
    /// The same.
    pub async fn authenticate(&self, request: &Request) -> Result<User, Problem> {
        self.context.authenticate(request).await
    }

    /// The account of this user and of no other.
    pub fn of<'a>(&'a self, user: &'a User) -> Account<'a> {
        Account::new(&self.context.database, &self.password_policy, user)
    }

    /// Reads one page of everything that is stored of this user.
    ///
    /// # Errors
    /// Only what [`Problem`] says of the database.
    pub async fn export(&self, user: &User, page: &Page) -> Result<Export, Problem> {
        export(&self.context.database, user, page).await
    }

    /// Ends the sign-in that a refresh token belongs to, or all of its user.
    /// Access tokens stay good for the rest of their 15 minutes.
    ///
    /// # Errors
    /// 503 when the database is away; never for a token that is not good.
    pub async fn log_out(&self, logout: &Logout) -> Result<(), Problem> {
        log_out(&self.context.database, logout).await
    }
}
