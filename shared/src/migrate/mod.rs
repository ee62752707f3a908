//! How the tables and roles come to be, and stay, what the program expects.
//!
//! Runs as the role of DATABASE_URL_DIRECT, past the pooler: it holds a lock
//! of its session, and refinery names its statements.

mod custom_resource;
mod response_url;
mod roles;

use std::error::Error;
use std::fmt;
use std::time::Duration;

use refinery_core::error::Kind;
use refinery_core::{Migration, Runner};
use tokio::time::Instant;
use tokio_postgres::Client;
use tokio_postgres::error::DbError;
use tokio_postgres::types::Type;

use crate::config::{ConfigError, DatabaseUrl, environment};
use crate::database::Connector;

pub use custom_resource::{is_deployed, serve};

/// Forward only; one that has been applied is never edited.
const MIGRATIONS: [(&str, &str); 11] = [
    (
        "V1__accounts",
        include_str!("../../../migrations/0001_accounts.sql"),
    ),
    (
        "V2__roles",
        include_str!("../../../migrations/0002_roles.sql"),
    ),
    (
        "V3__tasks",
        include_str!("../../../migrations/0003_tasks.sql"),
    ),
    (
        "V4__signing_keys",
        include_str!("../../../migrations/0004_signing_keys.sql"),
    ),
    (
        "V5__identify",
        include_str!("../../../migrations/0005_identify.sql"),
    ),
    (
        "V6__sessions",
        include_str!("../../../migrations/0006_sessions.sql"),
    ),
    (
        "V7__idempotency",
        include_str!("../../../migrations/0007_idempotency.sql"),
    ),
    (
        "V8__list_orders",
        include_str!("../../../migrations/0008_list_orders.sql"),
    ),
    (
        "V9__changes",
        include_str!("../../../migrations/0009_changes.sql"),
    ),
    (
        "V10__batch",
        include_str!("../../../migrations/0010_batch.sql"),
    ),
    (
        "V11__change_id",
        include_str!("../../../migrations/0011_change_id.sql"),
    ),
];

/// Two runs at once are one after the other: this number stands for us among
/// the advisory locks of the database ("todo" in ASCII).
const LOCK: i64 = 0x746f_646f;

/// A sleeping database takes seconds to wake up.
const CONNECT_LIMIT: Duration = Duration::from_secs(60);

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

/// Applies what is missing, each migration in a transaction of its own, then
/// makes sure of the roles. `say` hears what was done, a line each.
///
/// # Errors
/// The first thing that did not work. What was said before it is done; the
/// migration that failed has left nothing behind.
pub async fn run(say: impl Fn(&str)) -> Result<(), MigrateError> {
    let login = DatabaseUrl::pooled(&environment)?;
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

    client.batch_execute("set lock_timeout = '60s'").await?;
    client
        .query_typed("select pg_advisory_lock($1)", &[(&LOCK, Type::INT8)])
        .await?;
    // Rather fail than let every request queue up behind a table lock.
    client.batch_execute("set lock_timeout = '10s'").await?;
    apply(client, &say).await?;
    roles::ensure(client, &login, &say).await
}

async fn apply(client: &mut Client, say: &impl Fn(&str)) -> Result<(), MigrateError> {
    let migrations = MIGRATIONS
        .iter()
        .map(|(name, sql)| Migration::unapplied(name, sql))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| MigrateError(error.to_string()))?;
    if is_ahead(client, &migrations, say).await? {
        return Ok(());
    }
    let outcome = Runner::new(&migrations).run_async(client).await;
    let report = match &outcome {
        Ok(report) => Some(report),
        Err(error) => error.report(),
    };
    let applied = report.map_or(&[][..], |report| report.applied_migrations());
    for migration in applied {
        say(&format!("applied migration {migration}"));
    }
    match &outcome {
        Ok(_) if applied.is_empty() => say("no migration is missing"),
        Ok(_) => {}
        Err(error) => return Err(refused(error)),
    }
    Ok(())
}

/// Whether the database has all of `migrations` and newer ones: a deployment
/// that is rolled back runs an old program. Migrations are safe while old code
/// runs, so nothing is taken back; refinery itself would refuse.
async fn is_ahead(
    client: &mut Client,
    migrations: &[Migration],
    say: &impl Fn(&str),
) -> Result<bool, MigrateError> {
    let row = client
        .query_typed_one("select to_regclass('refinery_schema_history') is null", &[])
        .await?;
    if row.try_get(0)? {
        return Ok(false);
    }
    let applied = Runner::new(migrations)
        .get_applied_migrations_async(client)
        .await
        .map_err(|error| refused(&error))?;
    let last = migrations.iter().map(Migration::version).max();
    let (ours, others): (Vec<_>, Vec<_>) = applied
        .iter()
        .partition(|migration| migrations.contains(migration));
    let newer = others
        .iter()
        .all(|migration| Some(migration.version()) > last);
    // Anything else that differs is refinery's to refuse.
    if others.is_empty() || !newer || ours.len() < migrations.len() {
        return Ok(false);
    }
    let names: Vec<String> = others.iter().map(ToString::to_string).collect();
    say(&format!(
        "the database is newer than this program and stays as it is: {}",
        names.join(", ")
    ));
    Ok(true)
}

fn refused(error: &refinery_core::Error) -> MigrateError {
    let Kind::Connection(what, cause) = error.kind() else {
        return MigrateError(format!("The migrations do not fit the database: {error}."));
    };
    let mut cause: Option<&(dyn Error + 'static)> = Some(cause.as_ref());
    while let Some(current) = cause {
        if let Some(refusal) = current.downcast_ref::<DbError>() {
            return MigrateError(format!("PostgreSQL refused ({what}): {}.", told(refusal)));
        }
        cause = current.source();
    }
    MigrateError(format!("The connection broke ({what})."))
}

/// The message, unless it may quote a stored value, as those on bad data do:
/// a deployment shows it to everybody who may look at the stack.
fn told(refusal: &DbError) -> String {
    match refusal.code().code() {
        code if code.starts_with("22") => format!("SQLSTATE {code}"),
        _ => refusal.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_in_migrations_is_listed_in_order() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
        let mut files: Vec<String> = std::fs::read_dir(directory)
            .expect("the directory is there")
            .map(|entry| {
                entry
                    .expect("it can be read")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        files.sort();
        let listed: Vec<String> = MIGRATIONS
            .iter()
            .enumerate()
            .map(|(index, (name, _))| {
                let (version, name) = name.split_once("__").expect("V<number>__<name>");
                assert_eq!(version, format!("V{}", index + 1));
                format!("{:04}_{name}.sql", index + 1)
            })
            .collect();
        assert_eq!(files, listed);
    }
}
