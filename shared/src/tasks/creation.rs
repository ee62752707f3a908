//! A new task, under an Idempotency-Key only once.

use tokio_postgres::types::Type;
use uuid::Uuid;

use super::{COLUMNS, Tasks, read_task};
use crate::database::{Access, Failure, Flight, Statement};
use crate::model::idempotency::{self, IdempotencyKey};
use crate::model::task::{NewTask, Task};
use crate::problem::Problem;

/// What is deleted stays deleted, also for a request that comes late.
const INSERT: &str = "
    insert into tasks (user_id, id, title, description, status, due_date, create_hash)
    select $1, $2, $3, $4, $5, $6, $7
    where not exists (
        select
        from task_tombstones
        where user_id = $1
        and id = $2
    )
    on conflict (id) do nothing";

/// What came of a request for a new task.
pub enum Creation {
    /// It was made.
    New(Task),
    /// The same key has made it before.
    Replayed(Task),
}

impl Tasks<'_> {
    /// Stores a new task; under a key only once.
    ///
    /// The id is made before the flight, so that a flight whose answer was
    /// lost can be repeated: the second time inserts nothing and reads back.
    /// That takes two statements, because one does not see the row that it
    /// conflicted with. Without a key nothing can be there but what such a
    /// flight has left, so that reading back is left to a flight of its own.
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
        let hash = key.map(|_| idempotency::hash(new));
        let flight = Flight::of(self.user.id(), Access::RepeatableWrite);
        let insert = || insert(self.owner(), id, new, hash.as_deref());
        if key.is_none() {
            let [inserted] = self.database.fly(&flight, [insert()]).await?;
            if let Some(row) = inserted.first() {
                return Ok(Creation::New(read_task(row)?));
            }
        }
        let statements = [insert(), self.find_statement(id)];
        let [inserted, rows] = self.database.fly(&flight, statements).await?;
        let row = rows.first().ok_or_else(Problem::created_and_deleted)?;
        let task = read_task(row)?;
        if key.is_none() || !inserted.is_empty() {
            return Ok(Creation::New(task));
        }
        let created_from: Option<Vec<u8>> = row.try_get("create_hash").map_err(Failure::from)?;
        if created_from != hash {
            return Err(Problem::key_reused());
        }
        Ok(Creation::Replayed(task))
    }
}

/// A statement that stores `new` and returns it.
pub(super) fn insert<'s>(
    owner: &'s str,
    id: Uuid,
    new: &'s NewTask,
    hash: Option<&'s [u8]>,
) -> Statement<'s> {
    Statement::new(format!("{INSERT} returning {COLUMNS}"))
        .bind(owner, Type::TEXT)
        .bind(id, Type::UUID)
        .bind(new.title.as_str(), Type::TEXT)
        .bind(new.description.as_str(), Type::TEXT)
        .bind(new.status.as_str(), Type::TEXT)
        .bind(new.due_date, Type::DATE)
        .bind(hash, Type::BYTEA)
}
