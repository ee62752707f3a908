//! What the environment gives a function, made once in the init phase.

use lambda_http::Request;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::{Account, Accounts, Keys, Logout, PasswordPolicy, User, end_sessions, verify};
use crate::config::{Config, ConfigError};
use crate::database::{Access, Connector, Database, Failure, Flight, Statement};
use crate::export::{Export, export};
use crate::page::Page;
use crate::problem::Problem;
use crate::request::check_path_user;
use crate::tasks::Tasks;

/// What a handler is lent: a [`Context`], [`Accounts`] where users sign in, or
/// nothing at all (`()`) where neither the database nor a secret is needed.
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

/// The database and the keys of whoever issues tokens.
pub struct Context {
    database: Database,
    keys: Keys,
    password_policy: PasswordPolicy,
}

impl Service for Context {
    fn from_environment() -> Result<Self, ConfigError> {
        let config = Config::from_environment()?;
        Ok(Self {
            database: connect_to(&config)?,
            keys: Keys::new(&config),
            password_policy: PasswordPolicy::new(&config),
        })
    }

    async fn warm_up(&self) -> Result<(), Problem> {
        Ok(self.keys.warm_up(&self.database).await?)
    }
}

impl Service for Accounts {
    fn from_environment() -> Result<Self, ConfigError> {
        let config = Config::from_environment()?;
        Accounts::new(&config, connect_to(&config)?)
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

    /// The account of this user and of no other.
    pub fn account<'a>(&'a self, user: &'a User) -> Account<'a> {
        Account::new(&self.database, &self.password_policy, user)
    }

    /// One page of everything that is stored of this user.
    ///
    /// # Errors
    /// Only what [`Problem`] says of the database.
    pub async fn export(&self, user: &User, page: &Page) -> Result<Export, Problem> {
        export(&self.database, user, page).await
    }

    /// Ends the sign-in that a refresh token belongs to, or all of its user.
    /// Access tokens stay good for the rest of their 15 minutes.
    ///
    /// # Errors
    /// 503 when the database is away; never for a token that is not good.
    pub async fn log_out(&self, logout: &Logout) -> Result<(), Problem> {
        let flight = Flight::of_sign_in(Access::RepeatableWrite);
        self.database.fly(&flight, end_sessions(logout)).await?;
        Ok(())
    }

    /// The public keys of the built-in tokens.
    ///
    /// # Errors
    /// 503 when the database is away.
    pub async fn public_keys(&self) -> Result<KeySet, Problem> {
        let select = Statement::new(
            "select public_jwk
            from auth_signing_key
            where retired_at is null or retired_at > now()
            order by created_at desc",
        );
        let flight = Flight::of_sign_in(Access::Read);
        let [rows] = self.database.fly(&flight, [select]).await?;
        let mut keys = Vec::new();
        for row in rows {
            let jwk: String = row.try_get(0).map_err(Failure::from)?;
            keys.push(serde_json::from_str(&jwk).map_err(Problem::internal)?);
        }
        Ok(KeySet { keys })
    }

    /// Whether requests can be served: the database answers and is migrated.
    ///
    /// # Errors
    /// 503 when it is not.
    pub async fn check_ready(&self) -> Result<(), Problem> {
        let select = Statement::new("select from tasks limit 0");
        let flight = Flight::of_nobody(Access::Read);
        match self.database.fly(&flight, [select]).await {
            Ok(_) => Ok(()),
            // The tables or the grants are not there (yet).
            Err(Failure::Refused(refusal)) => Err(Failure::Unavailable(format!(
                "not migrated: SQLSTATE {}",
                refusal.state.code()
            ))
            .into()),
            Err(failure) => Err(failure.into()),
        }
    }
}

fn connect_to(config: &Config) -> Result<Database, ConfigError> {
    Ok(Database::new(Connector::new(config.database.clone())?))
}

/// A JWK set (RFC 7517 section 5).
#[derive(Serialize, ToSchema)]
pub struct KeySet {
    /// JSON Web Keys; tokens name theirs in `kid`.
    #[schema(value_type = Vec<Object>)]
    keys: Vec<Value>,
}

impl KeySet {
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}
