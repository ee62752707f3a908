//! The files of `migrations/`, in their order, and which of them may run now.

use include_dir::{Dir, include_dir};
use refinery_core::error::Kind;
use refinery_core::{Migration, Runner, Target};
use tokio_postgres::Client;
use tokio_postgres::error::{DbError, SqlState};

use super::{MigrateError, passes, told};

/// Forward only; one that has been applied is never edited.
static FILES: Dir = include_dir!("$CARGO_MANIFEST_DIR/../migrations");

/// The first line of a file whose statements can't be in a transaction, such
/// as `create index concurrently`. They are separated by a line of their own,
/// and have to do no harm when an interrupted run does them again.
const OUTSIDE: &str = "-- outside a transaction\n";
const SEPARATOR: &str = "\n-- then\n";

/// A file whose name says so removes what only earlier releases use, or comes
/// after such a removal and is in no hurry.
const CONTRACTION: &str = "contract_";

/// A request that holds a lock is waited for this often, two seconds each:
/// rather try again than let every request queue up behind a table lock.
const LOCK_ATTEMPTS: u32 = 20;

/// Which release serves requests while the migrations run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Serving {
    /// None.
    Nothing,
    /// The one whose last migration has this number.
    Release(i32),
    /// Nobody knows; as if it were the first.
    Unknown,
}

/// The state of the database after a run, beside this program.
#[derive(PartialEq)]
pub(super) enum Outcome {
    IsCurrent,
    IsNewer,
}

/// Applies what is missing, each migration in a transaction of its own.
///
/// A contraction waits until the release that serves was built with it. On an
/// empty database nothing can need what it removes.
///
/// A database that is newer than this program stays as it is: migrations are
/// safe while older functions serve.
pub(super) async fn apply(
    client: &mut Client,
    serving: Serving,
    say: &impl Fn(&str),
) -> Result<Outcome, MigrateError> {
    let files = files()?;
    let migrations: Vec<Migration> = files.iter().map(|file| file.migration.clone()).collect();
    let applied = applied(client, &migrations).await?;
    if let Some(newer) = newer(&files, &applied) {
        say(&format!(
            "the database is newer than this program and stays as it is: {newer}"
        ));
        return Ok(Outcome::IsNewer);
    }
    let serving = match applied.is_empty() {
        true => Serving::Nothing,
        false => serving,
    };
    let missing: Vec<&File> = files
        .iter()
        .filter(|file| {
            !applied
                .iter()
                .any(|it| it.version() == file.migration.version())
        })
        .collect();
    let mut waiting: Option<&File> = None;
    for file in &missing {
        match (waiting, file.waits_for(serving)) {
            (None, false) => {
                file.apply(client, &migrations).await?;
                say(&format!("applied migration {}", file.migration));
            }
            (None, true) => waiting = Some(file),
            (Some(_), true) => {}
            (Some(first), false) => {
                return Err(MigrateError::lasting(format!(
                    "The release that serves now still needs what migration {} removes, and this \
                     one needs it removed. Deploy the releases in between first.",
                    first.migration
                )));
            }
        }
    }
    match waiting {
        Some(file) => say(&format!(
            "migration {} waits for the next deployment: the release that serves now was built before it",
            file.migration
        )),
        None if missing.is_empty() => {
            // Refinery holds what was applied against what is here.
            run(client, &migrations, Target::Latest).await?;
            say("no migration is missing");
        }
        None => {}
    }
    Ok(Outcome::IsCurrent)
}

struct File {
    migration: Migration,
    text: &'static str,
}

impl File {
    fn is_contraction(&self) -> bool {
        self.migration.name().starts_with(CONTRACTION)
    }

    fn waits_for(&self, serving: Serving) -> bool {
        self.is_contraction()
            && match serving {
                Serving::Nothing => false,
                Serving::Release(version) => version < self.migration.version(),
                Serving::Unknown => true,
            }
    }

    async fn apply(
        &self,
        client: &mut Client,
        migrations: &[Migration],
    ) -> Result<(), MigrateError> {
        let version = self.migration.version();
        let Some(statements) = self.text.strip_prefix(OUTSIDE) else {
            return run(client, migrations, Target::Version(version)).await;
        };
        // Nobody queues up behind a lock that these wait for.
        client.batch_execute("set lock_timeout = 0").await?;
        for statement in statements.split(SEPARATOR) {
            client.batch_execute(statement).await?;
        }
        run(client, migrations, Target::FakeVersion(version)).await
    }
}

/// `0001_accounts.sql` is refinery's `V1__accounts`.
fn files() -> Result<Vec<File>, MigrateError> {
    let mut files = FILES
        .files()
        .map(|file| {
            let name = file.path().to_str().unwrap_or_default();
            let text = file.contents_utf8().unwrap_or_default();
            let (number, name) = name.split_once('_').unwrap_or_default();
            let name = format!(
                "V{}__{}",
                number.trim_start_matches('0'),
                name.trim_end_matches(".sql")
            );
            let migration = Migration::unapplied(&name, text);
            migration.map(|migration| File { migration, text })
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| MigrateError::lasting(error.to_string()))?;
    files.sort_by_key(|file| file.migration.version());
    Ok(files)
}

async fn applied(
    client: &mut Client,
    migrations: &[Migration],
) -> Result<Vec<Migration>, MigrateError> {
    let row = client
        .query_typed_one("select to_regclass('refinery_schema_history') is null", &[])
        .await?;
    if row.try_get(0)? {
        return Ok(Vec::new());
    }
    Runner::new(migrations)
        .get_applied_migrations_async(client)
        .await
        .map_err(|error| refused(&error))
}

/// The applied migrations that this program does not know, where it knows all
/// others and only contractions wait. Anything else that differs is refinery's
/// to refuse.
fn newer(files: &[File], applied: &[Migration]) -> Option<String> {
    let last = files.iter().map(|file| file.migration.version()).max();
    let others: Vec<&Migration> = applied
        .iter()
        .filter(|it| files.iter().all(|file| file.migration != **it))
        .collect();
    let are_newer = others.iter().all(|it| Some(it.version()) > last);
    let are_missed = files
        .iter()
        .filter(|file| !applied.contains(&file.migration))
        .any(|file| !file.is_contraction());
    if others.is_empty() || !are_newer || are_missed {
        return None;
    }
    let names: Vec<String> = others.iter().map(ToString::to_string).collect();
    Some(names.join(", "))
}

/// Lets refinery run what is missing up to `target`.
async fn run(
    client: &mut Client,
    migrations: &[Migration],
    target: Target,
) -> Result<(), MigrateError> {
    client.batch_execute("set lock_timeout = '2s'").await?;
    for attempt in 1.. {
        let runner = Runner::new(migrations).set_target(target);
        match runner.run_async(client).await {
            Ok(_) => break,
            Err(error) if is_lock_timeout(&error) && attempt < LOCK_ATTEMPTS => {}
            Err(error) => return Err(refused(&error)),
        }
    }
    Ok(())
}

fn is_lock_timeout(error: &refinery_core::Error) -> bool {
    refusal(error).is_some_and(|refusal| *refusal.code() == SqlState::LOCK_NOT_AVAILABLE)
}

fn refused(error: &refinery_core::Error) -> MigrateError {
    let Kind::Connection(what, _) = error.kind() else {
        return MigrateError::lasting(format!("The migrations do not fit the database: {error}."));
    };
    match refusal(error) {
        Some(refusal) => MigrateError {
            sentence: format!("PostgreSQL refused ({what}): {}.", told(refusal)),
            passes: passes(refusal.code()),
        },
        None => MigrateError {
            sentence: format!("The connection broke ({what})."),
            passes: true,
        },
    }
}

/// The error of PostgreSQL, if it was one of PostgreSQL.
fn refusal(error: &refinery_core::Error) -> Option<&DbError> {
    let Kind::Connection(_, cause) = error.kind() else {
        return None;
    };
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(cause.as_ref());
    while let Some(current) = cause {
        if let Some(refusal) = current.downcast_ref::<DbError>() {
            return Some(refusal);
        }
        cause = current.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_without_a_gap() {
        let files = files().expect("the names are good");
        let versions: Vec<i32> = files.iter().map(|it| it.migration.version()).collect();
        let count = i32::try_from(files.len()).expect("there are few");
        assert_eq!(versions, (1..=count).collect::<Vec<_>>());
        assert_eq!(files[0].migration.to_string(), "V1__accounts");
    }

    #[test]
    fn a_contraction_waits_until_the_release_that_serves_was_built_with_it() {
        let file = |name: &str| File {
            migration: Migration::unapplied(name, "select").expect("the name is good"),
            text: "select",
        };
        let contraction = file("V15__contract_tasks");
        assert!(contraction.waits_for(Serving::Release(14)));
        assert!(contraction.waits_for(Serving::Unknown));
        assert!(!contraction.waits_for(Serving::Release(15)));
        assert!(!contraction.waits_for(Serving::Nothing));
        assert!(!file("V15__tasks").waits_for(Serving::Unknown));
    }
}
