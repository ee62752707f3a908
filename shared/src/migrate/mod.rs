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

use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_postgres::Client;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::types::{ToSql, Type};

use crate::auth::Signer;
use crate::config::{self, ConfigError, DatabaseUrl, auth_secret, environment};
use crate::database::Connector;

pub use crate::invocation::is_deployed;
pub use custom_resource::serve;
pub use migrations::Serving;

use migrations::Outcome;

/// Two runs at once are one after the other: this number stands for us among
/// the advisory locks of the database ("todo" in ASCII).
const LOCK: i64 = 0x746f_646f;

/// How long a run from a shell tries again what may pass.
const PATIENCE: Duration = Duration::from_secs(10);

/// A sleeping database takes seconds to wake up.
const CONNECT_LIMIT: Duration = Duration::from_secs(60);

/// Between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

/// How long one run waits for another.
const OTHER_RUNS_LIMIT: Duration = Duration::from_secs(60);

/// Why the database could not be migrated: a sentence for the operator.
#[derive(Debug)]
pub struct MigrateError {
    sentence: String,
    /// Whether another attempt may succeed, with nothing changed by anybody.
    passes: bool,
}

impl MigrateError {
    fn lasting(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            passes: false,
        }
    }
}

impl fmt::Display for MigrateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.sentence)
    }
}

impl Error for MigrateError {}

impl From<ConfigError> for MigrateError {
    fn from(error: ConfigError) -> Self {
        Self::lasting(error.to_string())
    }
}

impl From<tokio_postgres::Error> for MigrateError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(refusal) => Self {
                sentence: format!("PostgreSQL refused: {}.", told(refusal)),
                passes: passes(refusal.code()),
            },
            None => Self {
                sentence: format!("The connection broke: {error}."),
                passes: true,
            },
        }
    }
}

/// Reads every variable that some function reads.
///
/// # Errors
/// One that is missing or bad.
pub fn check_variables() -> Result<(), MigrateError> {
    Ok(config::check()?)
}

/// Applies what is missing: migrations, functions, logins and the public key
/// of the tokens. `say` hears what was done, a line each.
///
/// # Errors
/// The first thing that did not work and will not by itself. What was said
/// before it is done; the migration that failed has left nothing behind.
pub async fn run(serving: Serving, say: impl Fn(&str)) -> Result<(), MigrateError> {
    let gives_up = Instant::now() + PATIENCE;
    loop {
        match attempt(serving, &say).await {
            Err(error) if error.passes && Instant::now() < gives_up => {
                say(&format!("{error} It is tried again."));
                sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

/// The same until `deadline`, also in the midst of a migration.
async fn run_until(
    deadline: Instant,
    serving: Serving,
    say: impl Fn(&str),
) -> Result<(), MigrateError> {
    let mut last = None;
    while let Ok(outcome) = timeout_at(deadline, attempt(serving, &say)).await {
        match outcome {
            Err(error) if error.passes => {
                say(&format!("{error} It is tried again."));
                last = Some(error);
                sleep_until(deadline.min(Instant::now() + PAUSE)).await;
            }
            outcome => return outcome,
        }
    }
    Err(last.unwrap_or_else(|| {
        MigrateError::lasting(
            "The migrations took too long; run `cargo run --bin migrate` from a shell, then deploy again.",
        )
    }))
}

async fn attempt(serving: Serving, say: &impl Fn(&str)) -> Result<(), MigrateError> {
    let url = DatabaseUrl::pooled(&environment)?;
    let signer = Signer::new(&auth_secret()?, "")?;
    let connector = Connector::new(DatabaseUrl::direct(&environment)?)?;
    let mut connection = connector
        .open(Instant::now() + CONNECT_LIMIT)
        .await
        .map_err(|unopened| MigrateError {
            sentence: format!("The database can't be reached: {}.", unopened.cause),
            passes: !unopened.lasting,
        })?;
    let client = connection.client_for_migrations();
    wait_for_other_runs(client).await?;
    if migrations::apply(client, serving, say).await? == Outcome::IsNewer {
        return Ok(());
    }
    client.batch_execute("set lock_timeout = '10s'").await?;
    functions::apply(client, say).await?;
    logins::ensure(client, &url, say).await?;
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
        sleep(Duration::from_millis(100)).await;
    }
    Err(MigrateError {
        sentence: "Another run of the migrations takes too long.".into(),
        passes: true,
    })
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

/// Whether PostgreSQL refuses this for a while only: the connection broke, two
/// transactions were in each other's way, something was used up, a lock was
/// held too long, or the server stops, starts, or is a standby.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn passes(state: &SqlState) -> bool {
    let code = state.code();
    ["08", "40", "53"]
        .iter()
        .any(|class| code.starts_with(class))
        || ["55P03", "57P01", "57P02", "57P03", "25006"].contains(&code)
}

/// The message, unless it may quote a stored value, as those on bad data do:
/// a deployment shows it to everybody who may look at the stack.
fn told(refusal: &DbError) -> String {
    match refusal.code().code() {
        code if code.starts_with("22") => format!("SQLSTATE {code}"),
        _ => refusal.message().to_owned(),
    }
}
