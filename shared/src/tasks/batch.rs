//! A batch of changes, as one transaction.

use serde::Serialize;
use tokio_postgres::Row;
use utoipa::ToSchema;
use uuid::Uuid;

use super::change::{Change, NO_SUCH_TASK, OTHER_VERSION, insist};
use super::creation::insert;
use super::{Tasks, only_row, read_task};
use crate::database::{Access, Failure, Flight, Statement};
use crate::model::batch::{Batch, Operation, Target};
use crate::model::task::Task;
use crate::problem::Problem;

/// What an operation came to.
#[derive(Serialize, ToSchema)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Outcome {
    /// The task as it was made.
    Create {
        /// It.
        task: Task,
    },
    /// The task as it is now.
    Update {
        /// It.
        task: Task,
    },
    /// The task as it is now.
    Toggle {
        /// It.
        task: Task,
    },
    /// The task is gone.
    Delete {
        /// It had this id.
        id: Uuid,
    },
}

impl Tasks<'_> {
    /// Does all operations of a batch in their order, or none.
    ///
    /// # Errors
    /// 404 and 412 as for a single change; the problem names the operation.
    pub async fn run(&self, batch: &Batch) -> Result<Vec<Outcome>, Problem> {
        let versions: Vec<Option<[i32; 1]>> = batch
            .operations
            .iter()
            .map(|operation| operation.target()?.version.map(|version| [version]))
            .collect();
        let statements: Vec<_> = batch
            .operations
            .iter()
            .zip(&versions)
            .map(|(operation, version)| self.statement(operation, version.as_ref()))
            .collect();
        let flight = Flight::of(self.user.id(), Access::Write);
        let answers = self
            .database
            .fly_all(&flight, &statements)
            .await
            .map_err(refused)?;
        let outcomes = batch.operations.iter().zip(&answers);
        let outcomes = outcomes.map(|(operation, rows)| operation.outcome(rows));
        Ok(outcomes.collect::<Result<_, _>>()?)
    }

    fn statement<'s>(
        &'s self,
        operation: &'s Operation,
        version: Option<&'s [i32; 1]>,
    ) -> Statement<'s> {
        let change = |target: &Target, change: Change<'s>| {
            let versions = version.map(<[i32; 1]>::as_slice);
            insist(change.statement(self.owner(), target.id, versions))
        };
        match operation {
            Operation::Create(new) => insert(self.owner(), Uuid::now_v7(), new, None),
            Operation::Update(target, changes) => change(target, Change::Update(changes)),
            Operation::Toggle(target) => change(target, Change::Toggle),
            Operation::Delete(target) => change(target, Change::Delete),
        }
    }
}

impl Operation {
    fn target(&self) -> Option<&Target> {
        match self {
            Self::Create(_) => None,
            Self::Update(target, _) | Self::Toggle(target) | Self::Delete(target) => Some(target),
        }
    }

    fn outcome(&self, rows: &[Row]) -> Result<Outcome, Failure> {
        let task = read_task(only_row(rows)?)?;
        Ok(match self {
            Self::Create(_) => Outcome::Create { task },
            Self::Update(..) => Outcome::Update { task },
            Self::Toggle(_) => Outcome::Toggle { task },
            Self::Delete(_) => Outcome::Delete { id: task.id() },
        })
    }
}

fn refused(failure: Failure) -> Problem {
    if let Failure::Refused(refusal) = &failure {
        match refusal.state.code() {
            NO_SUCH_TASK => return Problem::no_such_task_in_batch(refusal.statement),
            OTHER_VERSION => return Problem::changed_meanwhile_in_batch(refusal.statement),
            _ => {}
        }
    }
    failure.into()
}
