//! A new task, under an Idempotency-Key only once.

use uuid::Uuid;

use super::Tasks;
use super::rows::flag;
use crate::database::Call;
use crate::model::idempotency::{IdempotencyKey, hash};
use crate::model::{NewTask, Task};
use crate::problem::Problem;

/// The result of a request for a new task.
pub enum Creation {
    /// The task was made.
    New(Task),
    /// The same key has made it before.
    Replayed(Task),
}

impl Tasks<'_> {
    /// Stores a new task; under a key only once.
    ///
    /// The id is made before the call, so that a call whose answer was lost
    /// can be repeated: the second time finds the task that the first made.
    ///
    /// # Errors
    /// 422 when the key stands for another task already, 410 when the task
    /// that it stands for was deleted.
    pub async fn create(
        &self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation, Problem> {
        let id = key.map_or_else(Uuid::now_v7, |key| key.task_id(self.user.id()));
        let create = Call::repeatable("create_task")
            .with(self.owner())
            .with(id)
            .with(new.title.as_str())
            .with(new.description.as_str())
            .with(new.status.as_str())
            .with(new.due_date)
            .with(key.map(|_| hash(new)));
        let rows = self.database.call(&create).await?;
        let row = rows.first().ok_or_else(Problem::created_and_deleted)?;
        let task = self.read(row, 2)?;
        if key.is_none() || flag(row, 0)? {
            return Ok(Creation::New(task));
        }
        if !flag(row, 1)? {
            return Err(Problem::key_reused());
        }
        Ok(Creation::Replayed(task))
    }
}
