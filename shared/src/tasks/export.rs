//! Everything that is stored of a user, for the user.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::Row;

use super::read_tasks;
use crate::auth::{Profile, User};
use crate::database::{Call, Database, Failure, only_row};
use crate::model::{Page, Task};
use crate::problem::Problem;

/// One page of everything that is stored of a user.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Export {
    user: Profile,
    /// Where the user is signed in with the built-in accounts.
    sign_ins: Vec<SignIn>,
    /// Oldest first.
    tasks: Vec<Task>,
    /// The value of `cursor` for the next page; null on the last.
    #[cfg_attr(test, schema(required = true))]
    next_cursor: Option<String>,
}

/// A device that is signed in.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct SignIn {
    signed_in_at: DateTime<Utc>,
    /// When it has to sign in again at the latest.
    expires_at: DateTime<Utc>,
}

/// Reads one page.
pub(crate) async fn export(
    database: &Database,
    user: &User,
    page: &Page,
) -> Result<Export, Problem> {
    let after = page.after();
    let export = Call::reading("export_user")
        .with(user.id().as_str())
        .with(after.map(|position| position.id))
        .with(after.and_then(|position| position.key.moment()))
        .with(page.limit() + 1);
    let rows = database.call(&export).await?;
    let profile = Profile::read(only_row(&rows)?, 0)?;
    let (sign_ins, tasks): (Vec<&Row>, Vec<&Row>) =
        rows[1..].iter().partition(|row| is_sign_in(row));
    let (tasks, next_cursor) = page.cut(read_tasks(tasks, 6, user.id())?);
    Ok(Export {
        user: profile,
        sign_ins: sign_ins
            .into_iter()
            .map(SignIn::read)
            .collect::<Result<_, _>>()?,
        tasks,
        next_cursor,
    })
}

/// Only a sign-in has a time at which it ends.
fn is_sign_in(row: &Row) -> bool {
    matches!(row.try_get::<_, Option<DateTime<Utc>>>(5), Ok(Some(_)))
}

impl SignIn {
    fn read(row: &Row) -> Result<Self, Failure> {
        Ok(Self {
            signed_in_at: row.try_get(4)?,
            expires_at: row.try_get(5)?,
        })
    }
}
