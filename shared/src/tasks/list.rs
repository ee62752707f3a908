//! A page of tasks.

use serde::Serialize;
use utoipa::ToSchema;

use super::{COLUMNS, Tasks, listing, read_tasks};
use crate::database::first;
use crate::model::page::{Page, Total};
use crate::model::task::Task;
use crate::problem::Problem;

/// A page of tasks.
#[derive(Serialize, ToSchema)]
pub struct TaskList {
    tasks: Vec<Task>,
    /// How many tasks the filter matches, on all pages, unless it was not
    /// asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    total: Option<i64>,
    /// What to send as `cursor` for the next page; null on the last.
    #[schema(required = true)]
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
        let select = listing::select(self.owner(), page, COLUMNS);
        let (total, rows) = match page.total() {
            Total::None => {
                let [rows] = self.read_in_order([select]).await?;
                (None, rows)
            }
            Total::Exact => {
                let count = listing::count(self.owner(), page.filter());
                let [count, rows] = self.read_in_order([count, select]).await?;
                (first(&count, 0)?, rows)
            }
        };
        let (tasks, next_cursor) = page.cut(read_tasks(&rows)?);
        Ok(TaskList {
            tasks,
            total,
            next_cursor,
        })
    }
}
