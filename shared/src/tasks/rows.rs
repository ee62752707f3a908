//! Reading tasks from the rows of a call: `todo.task`, member by member.

use tokio_postgres::Row;

use crate::database::Failure;
use crate::model::{Task, UserId};

/// Reads the task of `owner` whose members begin at this column.
pub(super) fn read_task(row: &Row, first: usize, owner: &UserId) -> Result<Task, Failure> {
    let status: String = row.try_get(first + 3)?;
    Ok(Task {
        id: row.try_get(first)?,
        user_id: owner.to_string(),
        title: row.try_get(first + 1)?,
        description: row.try_get(first + 2)?,
        completed: status == "completed",
        status,
        due_date: row.try_get(first + 4)?,
        created_at: row.try_get(first + 5)?,
        updated_at: row.try_get(first + 6)?,
        version: row.try_get(first + 7)?,
    })
}

/// Reads all of them.
pub(super) fn read_tasks<'r>(
    rows: impl IntoIterator<Item = &'r Row>,
    first: usize,
    owner: &UserId,
) -> Result<Vec<Task>, Failure> {
    let rows = rows.into_iter();
    rows.map(|row| read_task(row, first, owner)).collect()
}

/// Reads a column that is true or false.
pub(super) fn flag(row: &Row, column: usize) -> Result<bool, Failure> {
    Ok(row.try_get(column)?)
}
