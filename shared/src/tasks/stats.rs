//! How many tasks there are of each kind.

use chrono::NaiveDate;
use serde::Serialize;

use super::Tasks;
use crate::database::{Call, Failure, only_row};
use crate::problem::Problem;

/// How many tasks a user has.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Stats {
    /// All of them.
    total: i64,
    /// Those that nobody has begun.
    pending: i64,
    /// Those that are begun.
    in_progress: i64,
    /// Those that are done.
    completed: i64,
    /// Those that are due before today and not done.
    overdue: i64,
    /// Those that are due today and not done.
    due_today: i64,
    /// Those that are due later and not done.
    upcoming: i64,
}

impl Tasks<'_> {
    /// How many tasks there are, by status and by due date. The caller knows
    /// what day it is; else it is that of UTC.
    ///
    /// # Errors
    /// Only what [`Problem`] says of the database.
    pub async fn stats(&self, today: Option<NaiveDate>) -> Result<Stats, Problem> {
        let count = Call::reading("get_stats").with(self.owner()).with(today);
        let rows = self.database.call(&count).await?;
        let row = only_row(&rows)?;
        let number = |column: usize| row.try_get(column).map_err(Failure::from);
        Ok(Stats {
            total: number(0)?,
            pending: number(1)?,
            in_progress: number(2)?,
            completed: number(3)?,
            overdue: number(4)?,
            due_today: number(5)?,
            upcoming: number(6)?,
        })
    }
}
