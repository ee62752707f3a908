//! The functions of `sql/`: their folder says whose rights they run with, and
//! which logins may call them.

use include_dir::{Dir, include_dir};
use ring::digest::{SHA256, digest};
use tokio_postgres::Client;
use tokio_postgres::types::Type;

use super::MigrateError;

static FILES: Dir = include_dir!("$CARGO_MANIFEST_DIR/../sql");

/// A folder of `sql/`.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Folder {
    name: &'static str,
    /// The role that its functions belong to. What is internal stays with the
    /// owner of the tables, so that `act_as` can read whom it acts for.
    owner: Option<&'static str>,
    /// The other owners that may call its functions from their own.
    callers: &'static str,
}

pub(super) const EVERYONE: Folder = Folder {
    name: "everyone",
    owner: Some("todo_auth"),
    callers: "",
};
pub(super) const TASKS: Folder = Folder {
    name: "tasks",
    owner: Some("todo_user"),
    callers: "todo_auth",
};
pub(super) const ACCOUNTS: Folder = Folder {
    name: "accounts",
    owner: Some("todo_auth"),
    callers: "",
};
pub(super) const SIGN_IN: Folder = Folder {
    name: "sign_in",
    owner: Some("todo_auth"),
    callers: "",
};
const INTERNAL: Folder = Folder {
    name: "internal",
    owner: None,
    callers: "todo_user, todo_auth",
};

const ALL: [Folder; 5] = [INTERNAL, EVERYONE, TASKS, ACCOUNTS, SIGN_IN];

impl Folder {
    /// The functions of this folder; each file is one of its name.
    pub(super) fn functions(self) -> impl Iterator<Item = String> {
        self.files().map(|(name, _)| format!("todo.{name}"))
    }

    fn files(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let folder = FILES.get_dir(self.name);
        folder.into_iter().flat_map(Dir::files).filter_map(|file| {
            let name = file.path().file_stem()?.to_str()?;
            Some((name, file.contents_utf8()?))
        })
    }
}

/// Replaces all functions in one transaction, where one of them has changed.
///
/// Functions of the last release go on calling them meanwhile, so what a
/// function takes and returns never changes: one that would is a new one.
pub(super) async fn apply(client: &mut Client, say: &impl Fn(&str)) -> Result<(), MigrateError> {
    let hash = hash();
    let transaction = client.transaction().await?;
    let state = transaction
        .query_typed(
            "select functions from todo.state where functions = $1",
            &[(&hash, Type::BYTEA)],
        )
        .await?;
    if !state.is_empty() {
        return Ok(());
    }
    // They refer to each other, in no order.
    transaction
        .batch_execute("set local check_function_bodies = off")
        .await?;
    for folder in ALL {
        for (_, text) in folder.files() {
            transaction.batch_execute(text).await?;
        }
    }
    for folder in ALL {
        for name in folder.functions() {
            let mut rights = format!("revoke execute on function {name} from public;");
            if let Some(owner) = folder.owner {
                rights += &format!("alter function {name} owner to {owner};");
            }
            if !folder.callers.is_empty() {
                rights += &format!("grant execute on function {name} to {};", folder.callers);
            }
            transaction.batch_execute(&rights).await?;
        }
    }
    transaction
        .query_typed(
            "insert into todo.state (functions, history)
            values ($1, todo.history())
            on conflict (only_row) do update
            set functions = excluded.functions",
            &[(&hash, Type::BYTEA)],
        )
        .await?;
    transaction.commit().await?;
    say("replaced the functions of the database");
    Ok(())
}

fn hash() -> Vec<u8> {
    let files = ALL
        .into_iter()
        .flat_map(|folder| folder.files().map(move |it| (folder.name, it)));
    let mut texts: Vec<String> = files
        .map(|(folder, (name, text))| format!("{folder}/{name}\n{text}"))
        .collect();
    texts.sort();
    digest(&SHA256, texts.concat().as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_sql_is_in_a_folder_and_makes_the_function_of_its_name() {
        let known: Vec<&str> = ALL.iter().map(|folder| folder.name).collect();
        assert_eq!(FILES.files().count(), 0);
        for folder in FILES.dirs() {
            let name = folder.path().to_str().expect("the name is UTF-8");
            assert!(known.contains(&name), "{name}");
        }
        for folder in ALL {
            assert!(folder.files().count() > 0, "{} is empty", folder.name);
            for (name, text) in folder.files() {
                let makes = format!("create or replace function todo.{name}(");
                assert_eq!(text.matches(&makes).count(), 1, "{name}");
                assert_eq!(text.matches("create or replace").count(), 1, "{name}");
            }
        }
    }
}
