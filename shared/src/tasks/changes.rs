//! The feed of changes, for clients that keep a copy of their own.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Tasks;
use crate::database::{Call, Failure, only_row};
use crate::model::Task;
use crate::model::since::{Now, Place, Since};
use crate::problem::Problem;

/// The changes since a moment.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct ChangeList {
    /// The tasks that are new or changed, as they are now.
    tasks: Vec<Task>,
    /// The tasks that are gone.
    deleted: Vec<Tombstone>,
    /// The value of `since` for the next request.
    next_since: String,
    /// Whether more is known already.
    has_more: bool,
}

/// A deleted task.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
struct Tombstone {
    id: Uuid,
    deleted_at: DateTime<Utc>,
}

impl Tasks<'_> {
    /// The changes since `since`: everything that was committed after it, and
    /// perhaps some of it once more.
    ///
    /// # Errors
    /// 410 when that is not known any more.
    pub async fn changes(&self, since: &Since) -> Result<ChangeList, Problem> {
        let (time, xid, id) = match since.after() {
            None => (None, None, None),
            Some(Place::Listed(time, id)) => (Some(time), None, Some(id)),
            Some(Place::Changed(xid, id)) => (None, Some(xid), Some(id)),
        };
        let list = Call::reading("list_changes")
            .with(self.owner())
            .with(since.from())
            .with(time)
            .with(xid)
            .with(id)
            .with(since.limit + 1);
        let rows = self.database.call(&list).await?;
        let now = read_now(only_row(&rows)?)?;
        let mark = since.mark(&now)?;
        let changes = &rows[1..];
        let shown = usize::try_from(since.limit).unwrap_or(usize::MAX);
        let has_more = changes.len() > shown;
        let changes = &changes[..changes.len().min(shown)];
        let last = match changes.last() {
            Some(row) if has_more => Some(read_place(row)?),
            _ => None,
        };
        let (mut tasks, mut deleted) = (Vec::new(), Vec::new());
        for row in changes {
            let task = self.read(row, 5)?;
            match row.try_get(4).map_err(Failure::from)? {
                Some(deleted_at) => deleted.push(Tombstone {
                    id: task.id,
                    deleted_at,
                }),
                None => tasks.push(task),
            }
        }
        Ok(ChangeList {
            tasks,
            deleted,
            next_since: mark.next(last).encode(),
            has_more,
        })
    }
}

fn read_now(row: &Row) -> Result<Now, Failure> {
    Ok(Now {
        history: row.try_get(0)?,
        time: row.try_get(1)?,
        smallest_in_progress: row.try_get(2)?,
    })
}

fn read_place(row: &Row) -> Result<Place, Failure> {
    let id = row.try_get(5)?;
    Ok(match row.try_get(3)? {
        Some(xid) => Place::Changed(xid, id),
        None => Place::Listed(row.try_get(10)?, id),
    })
}
