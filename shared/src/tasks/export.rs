//! Everything that is stored of a user, for the user.

use serde::Serialize;
use utoipa::ToSchema;

use super::{COLUMNS, read_tasks, select_page};
use crate::auth::{
    Profile, SignIn, User, find_profile, find_sign_ins, only_profile, read_sign_ins,
};
use crate::database::{Access, Database, Flight, Statement};
use crate::model::page::Page;
use crate::model::task::Task;
use crate::problem::Problem;

/// One page of everything that is stored of a user.
#[derive(Serialize, ToSchema)]
pub struct Export {
    user: Profile,
    /// Where the user is signed in with the built-in accounts.
    sign_ins: Vec<SignIn>,
    /// Oldest first.
    tasks: Vec<Task>,
    /// What to send as `cursor` for the next page; null on the last.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// Reads one page.
pub(crate) async fn export(
    database: &Database,
    user: &User,
    page: &Page,
) -> Result<Export, Problem> {
    let statements = [
        find_profile(user),
        find_sign_ins(user.id()),
        Statement::become_todo_user(),
        select_page(user.id().as_str(), page, COLUMNS),
    ];
    let flight = Flight::of_account(user.id(), Access::Read).in_index_order();
    let [profile, sign_ins, _, tasks] = database.fly(&flight, statements).await?;
    let (tasks, next_cursor) = page.cut(read_tasks(&tasks)?);
    Ok(Export {
        user: only_profile(&profile)?,
        sign_ins: read_sign_ins(&sign_ins)?,
        tasks,
        next_cursor,
    })
}
