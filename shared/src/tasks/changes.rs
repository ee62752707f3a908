//! What changed: for clients that keep a copy of their own.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{COLUMNS, Tasks, only_row, read_task};
use crate::database::{Failure, Statement};
use crate::problem::Problem;
use crate::since::{Mark, Now, Since};
use crate::task::Task;

/// All statements of the flight see this moment.
const NOW: &str = "
    select sync_epoch(), now(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

const TOMBSTONES: &str = "
    select id, deleted_at, changed_xid
    from task_tombstones
    where user_id = $1
    and (changed_xid, id) > ($2, $3)
    and not $5
    order by changed_xid, id
    limit $4";

/// What changed since a moment.
#[derive(Serialize, ToSchema)]
pub struct ChangeList {
    /// The tasks that are new or changed, as they are now.
    tasks: Vec<Task>,
    /// The tasks that are gone.
    deleted: Vec<Tombstone>,
    /// What to send as `since` next time.
    next_since: String,
    /// Whether more is known already.
    has_more: bool,
}

/// What is left of a deleted task.
#[derive(Serialize, ToSchema)]
struct Tombstone {
    id: Uuid,
    deleted_at: DateTime<Utc>,
}

impl Tasks<'_> {
    /// What changed since `since`: everything that was committed after it, and
    /// perhaps some of it once more.
    ///
    /// # Errors
    /// 410 when that is not known any more.
    pub async fn changes(&self, since: &Since) -> Result<ChangeList, Problem> {
        let ((after, id), from_nothing) = (since.after(), since.knows_nothing());
        let after_mark = |sql: String| {
            Statement::new(sql)
                .bind(self.owner(), Type::TEXT)
                .bind(after, Type::INT8)
                .bind(id, Type::UUID)
                .bind(since.limit + 1, Type::INT8)
        };
        let statements = [
            Statement::new(NOW),
            after_mark(changed_tasks()),
            after_mark(TOMBSTONES.into()).bind(from_nothing, Type::BOOL),
        ];
        let [now, tasks, tombstones] = self.read_in_order(statements).await?;
        let now = read_now(&now)?;
        let mark = since.mark(&now)?;
        let mut changes = Vec::with_capacity(tasks.len() + tombstones.len());
        for row in &tasks {
            changes.push(read_changed(row)?);
        }
        for row in &tombstones {
            changes.push(read_tombstone(row)?);
        }
        Ok(ChangeList::new(&mark, since.limit, changes))
    }
}

impl ChangeList {
    /// Of each kind of change the first ones are there, and one too many if
    /// there are more.
    fn new(mark: &Mark, limit: i64, mut changes: Vec<(Place, Change)>) -> Self {
        changes.sort_unstable_by_key(|(place, _)| *place);
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = changes.len() > shown;
        changes.truncate(shown);
        let last = changes.last().filter(|_| has_more);
        let next_since = mark.next(last.map(|(place, _)| *place)).encode();
        let (mut tasks, mut deleted) = (Vec::new(), Vec::new());
        for (_, change) in changes {
            match change {
                Change::Task(task) => tasks.push(task),
                Change::Deletion(tombstone) => deleted.push(tombstone),
            }
        }
        Self {
            tasks,
            deleted,
            next_since,
            has_more,
        }
    }
}

/// A transaction, and the task that it changed.
type Place = (i64, Uuid);

enum Change {
    Task(Task),
    Deletion(Tombstone),
}

fn changed_tasks() -> String {
    format!(
        "select {COLUMNS}, changed_xid
        from tasks
        where user_id = $1
        and (changed_xid, id) > ($2, $3)
        order by changed_xid, id
        limit $4"
    )
}

fn read_now(rows: &[Row]) -> Result<Now, Failure> {
    let row = only_row(rows)?;
    Ok(Now {
        epoch: row.try_get(0)?,
        time: row.try_get(1)?,
        smallest_in_progress: row.try_get(2)?,
    })
}

fn read_changed(row: &Row) -> Result<(Place, Change), Failure> {
    let task = read_task(row)?;
    let place = (row.try_get("changed_xid")?, task.id());
    Ok((place, Change::Task(task)))
}

fn read_tombstone(row: &Row) -> Result<(Place, Change), Failure> {
    let tombstone = Tombstone {
        id: row.try_get(0)?,
        deleted_at: row.try_get(1)?,
    };
    let place = (row.try_get(2)?, tombstone.id);
    Ok((place, Change::Deletion(tombstone)))
}
