//! A batch of changes, as one transaction.

use serde::Serialize;
use serde_json::{Value, json};
use tokio_postgres::Row;
use uuid::Uuid;

use super::Tasks;
use super::rows::flag;
use crate::database::{Call, Failure};
use crate::model::batch::{Batch, Operation, Target};
use crate::model::idempotency::{IdempotencyKey, hash_of};
use crate::model::task::{Description, StatusChange, Title};
use crate::model::{NewTask, Task, TaskChanges};
use crate::problem::Problem;

/// The results of a batch, in the order of its operations.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[cfg_attr(test, schema(as = Outcomes))]
pub struct BatchResult {
    results: Vec<Outcome>,
    #[serde(skip)]
    is_replayed: bool,
}

impl BatchResult {
    /// Whether the same key has done it before.
    pub(crate) fn is_replayed(&self) -> bool {
        self.is_replayed
    }
}

/// The result of one operation.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Outcome {
    /// The task as it was made.
    Create {
        /// The new task.
        task: Task,
    },
    /// The task as it is now.
    Update {
        /// The changed task.
        task: Task,
    },
    /// The task as it is now.
    Toggle {
        /// The changed task.
        task: Task,
    },
    /// The task is gone.
    Delete {
        /// The id that it had.
        id: Uuid,
    },
}

impl Tasks<'_> {
    /// Does all operations of a batch in their order, or none; under a key
    /// only once.
    ///
    /// # Errors
    /// 404 and 412 as for a single change; the problem names the operation.
    /// 422 when the key stands for another batch, 410 when a task of the batch
    /// was deleted since.
    pub async fn run(
        &self,
        batch: &Batch,
        key: Option<&IdempotencyKey>,
    ) -> Result<BatchResult, Problem> {
        let operations = batch.operations.iter().enumerate();
        let operations: Value = operations
            .map(|(place, operation)| {
                let new_id = || match key {
                    Some(key) => key.task_id_in_batch(self.user.id(), place),
                    None => Uuid::now_v7(),
                };
                operation.to_json(new_id)
            })
            .collect();
        let run = match key {
            Some(_) => Call::repeatable("run_batch"),
            None => Call::once("run_batch"),
        };
        let run = run
            .with(self.owner())
            .with(key.map(|key| key.batch_id(self.user.id())))
            .with(key.map(|_| hash_of(&operations.to_string())))
            .with(operations);
        let rows = self.database.call(&run).await?;
        let outcomes = batch.operations.iter().zip(&rows);
        Ok(BatchResult {
            results: outcomes
                .map(|(operation, row)| self.outcome(operation, row))
                .collect::<Result<_, _>>()?,
            is_replayed: match rows.first() {
                Some(row) => flag(row, 0)?,
                None => false,
            },
        })
    }

    fn outcome(&self, operation: &Operation, row: &Row) -> Result<Outcome, Failure> {
        Ok(match operation {
            Operation::Create(_) => Outcome::Create {
                task: self.read(row, 1)?,
            },
            Operation::Update(..) => Outcome::Update {
                task: self.read(row, 1)?,
            },
            Operation::Toggle(_) => Outcome::Toggle {
                task: self.read(row, 1)?,
            },
            Operation::Delete(target) => Outcome::Delete { id: target.id },
        })
    }
}

impl Operation {
    /// The operation as `todo.run_batch` reads it.
    fn to_json(&self, new_id: impl FnOnce() -> Uuid) -> Value {
        match self {
            Self::Create(new) => with_task(new_id(), new),
            Self::Update(target, changes) => with_changes(target, changes),
            Self::Toggle(target) => with_target("toggle", target),
            Self::Delete(target) => with_target("delete", target),
        }
    }
}

fn with_task(id: Uuid, new: &NewTask) -> Value {
    json!({
        "op": "create",
        "id": id,
        "title": new.title.as_str(),
        "description": new.description.as_str(),
        "status": new.status.as_str(),
        "due_date": new.due_date,
    })
}

fn with_changes(target: &Target, changes: &TaskChanges) -> Value {
    if changes.is_empty() {
        return with_target("read", target);
    }
    let mut json = with_target("update", target);
    json["title"] = json!(changes.title.as_ref().map(Title::as_str));
    json["description"] = json!(changes.description.as_ref().map(Description::as_str));
    json["status"] = json!(changes.status.and_then(StatusChange::name));
    json["is_reopened"] = json!(changes.status == Some(StatusChange::Reopen));
    json["is_rescheduled"] = json!(changes.due_date.is_some());
    json["due_date"] = json!(changes.due_date.flatten());
    json
}

fn with_target(name: &str, target: &Target) -> Value {
    let mut json = json!({"op": name, "id": target.id});
    if let Some(version) = target.version {
        json["version"] = version.into();
    }
    json
}
