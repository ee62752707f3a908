//! How the tables and roles come to be, and stay, what the program expects.
//!
//! Runs as the role of DATABASE_URL_DIRECT, past the pooler: it holds a lock
//! of its session, and refinery names its statements.

mod custom_resource;
mod functions;
mod logins;
mod migrations;
mod response_url;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::error::DbError;
use tokio_postgres::types::{ToSql, Type};

use crate::auth::Signer;
use crate::config::{ConfigError, DatabaseUrl, auth_secret, environment};
use crate::database::Connector;

pub use custom_resource::{is_deployed, serve};
pub use migrations::Serving;

use migrations::Outcome;

/// Two runs at once are one after the other: this number stands for us among
/// the advisory locks of the database ("todo" in ASCII).
const LOCK: i64 = 0x746f_646f;

/// A sleeping database takes seconds to wake up.
const CONNECT_LIMIT: Duration = Duration::from_secs(60);

/// How long one run waits for another.
const OTHER_RUNS_LIMIT: Duration = Duration::from_secs(60);

/// Why the database could not be migrated: a sentence for the operator.
#[derive(Debug)]
pub struct MigrateError(String);

impl fmt::Display for MigrateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Error for MigrateError {}

impl From<ConfigError> for MigrateError {
    fn from(error: ConfigError) -> Self {
        Self(error.to_string())
    }
}

impl From<tokio_postgres::Error> for MigrateError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self(match error.as_db_error() {
            Some(refusal) => format!("PostgreSQL refused: {}.", told(refusal)),
            None => format!("The connection broke: {error}."),
        })
    }
}

/// Applies what is missing: migrations, functions, logins and the public key
/// of the tokens. `say` hears what was done, a line each.
///
/// # Errors
/// The first thing that did not work. What was said before it is done; the
/// migration that failed has left nothing behind.
pub async fn run(serving: Serving, say: impl Fn(&str)) -> Result<(), MigrateError> {
    let url = DatabaseUrl::pooled(&environment)?;
    let signer = Signer::new(&auth_secret()?, "")?;
    let connector = Connector::new(DatabaseUrl::direct(&environment)?)?;
    let mut connection = connector
        .open(Instant::now() + CONNECT_LIMIT)
        .await
        .map_err(|unopened| {
            MigrateError(format!(
                "The database can't be reached: {}.",
                unopened.cause
            ))
        })?;
    let client = connection.client_for_migrations();
    wait_for_other_runs(client).await?;
    if migrations::apply(client, serving, &say).await? == Outcome::IsNewer {
        return Ok(());
    }
    client.batch_execute("set lock_timeout = '10s'").await?;
    functions::apply(client, &say).await?;
    logins::ensure(client, &url, &say).await?;
    publish(client, &signer).await
}

/// Takes the lock of migrations for the rest of the session. Asked for again
/// and again, because a statement that waits has a snapshot, and an index that
/// another run builds concurrently waits for that.
async fn wait_for_other_runs(client: &Client) -> Result<(), MigrateError> {
    let ends = Instant::now() + OTHER_RUNS_LIMIT;
    while Instant::now() < ends {
        let row = client
            .query_typed_one("select pg_try_advisory_lock($1)", &[(&LOCK, Type::INT8)])
            .await?;
        if row.try_get(0)? {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(MigrateError(
        "Another run of the migrations takes too long.".into(),
    ))
}

/// Publishes the key before the first token is signed with it, so that no
/// verifier has to look for it.
async fn publish(client: &Client, signer: &Signer) -> Result<(), MigrateError> {
    let arguments: [(&(dyn ToSql + Sync), Type); 2] = [
        (&signer.kid(), Type::TEXT),
        (&signer.public_jwk(), Type::TEXT),
    ];
    client
        .query_typed("select todo.publish_key($1, $2)", &arguments)
        .await?;
    Ok(())
}

/// The message, unless it may quote a stored value, as those on bad data do:
/// a deployment shows it to everybody who may look at the stack.
fn told(refusal: &DbError) -> String {
    match refusal.code().code() {
        code if code.starts_with("22") => format!("SQLSTATE {code}"),
        _ => refusal.message().to_owned(),
    }
}
