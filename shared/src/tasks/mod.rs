//! The tasks of one user: each method is one call of a function in `sql/tasks`.

mod batch;
mod changes;
mod create;
mod export;
mod list;
mod rows;
mod stats;

use serde::Serialize;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::auth::User;
use crate::database::{Call, Database, Failure, only_row};
use crate::model::conditions::Precondition;
use crate::model::task::{Description, StatusChange, Title};
use crate::model::{NewTask, Task, TaskChanges};
use crate::problem::{Kind, Problem};

use rows::{flag, read_task, read_tasks};

pub use batch::{BatchResult, Outcome};
pub use changes::ChangeList;
pub use create::Creation;
pub use export::Export;
pub(crate) use export::export;
pub use list::TaskList;
pub use stats::Stats;

/// How many tasks were deleted.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Deleted {
    #[cfg_attr(test, schema(minimum = 0))]
    deleted: i64,
}

/// The tasks of the user that the token proved.
///
/// No method takes a user id, so there is no way to ask for another's.
pub struct Tasks<'a> {
    database: &'a Database,
    user: &'a User,
}

impl<'a> Tasks<'a> {
    pub(crate) fn new(database: &'a Database, user: &'a User) -> Self {
        Self { database, user }
    }

    /// Reads the task with this id.
    ///
    /// # Errors
    /// 404 when the user has no such task; so of all methods that take an id.
    pub async fn find(&self, id: Uuid) -> Result<Task, Problem> {
        let find = Call::reading("find_task").with(self.owner()).with(id);
        let rows = self.database.call(&find).await?;
        match rows.first() {
            Some(row) => Ok(self.read(row, 0)?),
            None => Err(Problem::no_such_task()),
        }
    }

    /// Replaces everything that a client may say of a task.
    ///
    /// # Errors
    /// 404 when the user has no such task, 412 when the precondition does not
    /// hold; so of all changes.
    pub async fn replace(
        &self,
        id: Uuid,
        new: &NewTask,
        precondition: &Precondition,
    ) -> Result<Task, Problem> {
        let change = self
            .change("update_task", id, precondition)
            .with(Uuid::new_v4())
            .with(new.title.as_str())
            .with(new.description.as_str())
            .with(new.status.as_str())
            .with(false)
            .with(true)
            .with(new.due_date);
        self.make(&change).await
    }

    /// Changes what `changes` names; where that is nothing, only reads.
    ///
    /// # Errors
    /// See [`Tasks::replace`].
    pub async fn update(
        &self,
        id: Uuid,
        changes: &TaskChanges,
        precondition: &Precondition,
    ) -> Result<Task, Problem> {
        if changes.is_empty() {
            let task = self.find(id).await?;
            return match precondition.versions() {
                Some(versions) if !versions.contains(&task.version) => {
                    Err(Problem::changed_meanwhile(&task.etag()))
                }
                _ => Ok(task),
            };
        }
        let change = self
            .change("update_task", id, precondition)
            .with(Uuid::new_v4())
            .with(changes.title.as_ref().map(Title::as_str))
            .with(changes.description.as_ref().map(Description::as_str))
            .with(changes.status.and_then(StatusChange::name))
            .with(changes.status == Some(StatusChange::Reopen))
            .with(changes.due_date.is_some())
            .with(changes.due_date.flatten());
        self.make(&change).await
    }

    /// Completes an open task and reopens a completed one.
    ///
    /// # Errors
    /// See [`Tasks::replace`].
    pub async fn toggle(&self, id: Uuid, precondition: &Precondition) -> Result<Task, Problem> {
        let toggle = Call::once("toggle_task")
            .with(self.owner())
            .with(id)
            .with(precondition.versions());
        self.make(&toggle).await
    }

    /// Deletes a task.
    ///
    /// # Errors
    /// See [`Tasks::replace`].
    pub async fn delete(&self, id: Uuid, precondition: &Precondition) -> Result<(), Problem> {
        let delete = self.change("delete_task", id, precondition);
        match self.make(&delete).await {
            // The first try has deleted it.
            Err(problem) if problem.kind() == Kind::NotFound && delete.was_repeated() => Ok(()),
            deleted => deleted.map(drop),
        }
    }

    /// Deletes the completed tasks, 10,000 at most, and says how many they were.
    ///
    /// # Errors
    /// Only what [`Problem`] says of the database.
    pub async fn clear_completed(&self) -> Result<Deleted, Problem> {
        // Repeated, it would count what is left: nothing.
        let clear = Call::once("clear_completed").with(self.owner());
        let rows = self.database.call(&clear).await?;
        let deleted = only_row(&rows)?.try_get(0).map_err(Failure::from)?;
        Ok(Deleted { deleted })
    }

    /// Begins the call of a change. Under a precondition it must not be
    /// repeated: the second time would meet its own version.
    fn change<'c>(
        &'c self,
        function: &'static str,
        id: Uuid,
        precondition: &'c Precondition,
    ) -> Call<'c> {
        let call = match precondition {
            Precondition::None => Call::repeatable(function),
            Precondition::IsOneOf(_) | Precondition::IsAbsent => Call::once(function),
        };
        call.with(self.owner())
            .with(id)
            .with(precondition.versions())
    }

    async fn make(&self, change: &Call<'_>) -> Result<Task, Problem> {
        let rows = self.database.call(change).await?;
        let row = rows.first().ok_or_else(Problem::no_such_task)?;
        let task = self.read(row, 1)?;
        match flag(row, 0)? {
            true => Ok(task),
            false => Err(Problem::changed_meanwhile(&task.etag())),
        }
    }

    /// Reads the task whose members begin at this column.
    fn read(&self, row: &Row, first: usize) -> Result<Task, Failure> {
        read_task(row, first, self.user.id())
    }

    fn owner(&self) -> &'a str {
        self.user.id().as_str()
    }
}
