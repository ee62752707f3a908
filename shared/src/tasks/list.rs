//! A page of tasks.

use serde::Serialize;

use super::{Tasks, read_tasks};
use crate::database::{Call, Failure, only_row};
use crate::model::Task;
use crate::model::page::{Page, Total};
use crate::problem::Problem;

/// A page of tasks.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct TaskList {
    tasks: Vec<Task>,
    /// How many tasks the filter matches, on all pages, unless it was not
    /// asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schema(nullable = false))]
    total: Option<i64>,
    /// The value of `cursor` for the next page; null on the last.
    #[cfg_attr(test, schema(required = true))]
    next_cursor: Option<String>,
}

impl TaskList {
    pub(crate) fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    pub(crate) fn is_counted(&self) -> bool {
        self.total.is_some()
    }
}

impl Tasks<'_> {
    /// One page of the tasks that the page's filter matches, and their number.
    ///
    /// # Errors
    /// Only what [`Problem`] says of the database.
    pub async fn list(&self, page: &Page) -> Result<TaskList, Problem> {
        let (filter, after) = (page.filter(), page.after());
        let is_counted = page.total() == Total::Exact;
        let list = Call::reading("list_tasks")
            .with(self.owner())
            .with(page.sort().name())
            .with(is_counted)
            .with(filter.status_names())
            .with(filter.due_before)
            .with(filter.due_after)
            .with(filter.overdue)
            .with(filter.ascii_pattern())
            .with(filter.pattern())
            .with(after.map(|position| position.id))
            .with(after.and_then(|position| position.key.moment()))
            .with(after.and_then(|position| position.key.day()))
            .with(after.and_then(|position| position.key.text()))
            .with(page.limit() + 1)
            .with(page.offset());
        let rows = self.database.call(&list).await?;
        let (total, rows) = match is_counted {
            true => {
                let total = only_row(&rows)?.try_get(0).map_err(Failure::from)?;
                (Some(total), &rows[1..])
            }
            false => (None, &rows[..]),
        };
        let (tasks, next_cursor) = page.cut(read_tasks(rows, 1, self.user.id())?);
        Ok(TaskList {
            tasks,
            total,
            next_cursor,
        })
    }
}
