//! How many tasks there are of each kind.

use chrono::NaiveDate;
use serde::Serialize;
use tokio_postgres::types::Type;
use utoipa::ToSchema;

use super::{Tasks, only_row};
use crate::database::{Access, Failure, Statement};
use crate::problem::Problem;

const COUNT: &str = "
    select
        count(*),
        count(*) filter (where status = 'pending'),
        count(*) filter (where status = 'in_progress'),
        count(*) filter (where completed),
        count(*) filter (where not completed and due_date < today),
        count(*) filter (where not completed and due_date = today),
        count(*) filter (where not completed and due_date > today)
    from tasks,
        coalesce($2, (now() at time zone 'utc')::date) as today
    where user_id = $1";

/// How many tasks a user has.
#[derive(Serialize, ToSchema)]
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
    /// How many tasks there are, by status and by due date. What day it is
    /// the caller knows, else it is that of UTC.
    ///
    /// # Errors
    /// Only what [`Problem`] says of the database.
    pub async fn stats(&self, today: Option<NaiveDate>) -> Result<Stats, Problem> {
        let count = Statement::new(COUNT)
            .bind(self.owner(), Type::TEXT)
            .bind(today, Type::DATE);
        let [rows] = self.fly(Access::Read, [count]).await?;
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
