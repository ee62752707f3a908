//! The tasks of one user: every SQL statement on tasks, `$1` always the owner.

mod batch;
mod change;
mod changes;
mod creation;
mod export;
mod list;
mod listing;
mod stats;

use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::auth::User;
use crate::database::{Access, Database, Failure, Flight, Statement, first};
use crate::model::conditions::Precondition;
use crate::model::task::{NewTask, Task, TaskChanges};
use crate::problem::{Kind, Problem};

use change::Change;

pub use batch::Outcome;
pub use changes::ChangeList;
pub use creation::Creation;
pub use export::Export;
pub(crate) use export::export;
pub use list::TaskList;
pub(crate) use listing::select as select_page;
pub use stats::Stats;

/// Never `*`: the order is what [`read_task`] reads.
pub(crate) const COLUMNS: &str =
    "id, user_id, title, description, status, completed, due_date, created_at, updated_at, version";

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

    /// The task with this id.
    ///
    /// # Errors
    /// 404 when the user has no such task; so of all methods that take an id.
    pub async fn find(&self, id: Uuid) -> Result<Task, Problem> {
        let find = self.find_statement(id);
        let [rows] = self.fly(Access::Read, [find]).await?;
        match rows.first() {
            Some(row) => Ok(read_task(row)?),
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
        self.change(id, &Change::Replace(new), precondition).await
    }

    /// Changes what `changes` names.
    ///
    /// # Errors
    /// See [`Tasks::replace`].
    pub async fn update(
        &self,
        id: Uuid,
        changes: &TaskChanges,
        precondition: &Precondition,
    ) -> Result<Task, Problem> {
        self.change(id, &Change::Update(changes), precondition)
            .await
    }

    /// Completes an open task and reopens a completed one.
    ///
    /// # Errors
    /// See [`Tasks::replace`].
    pub async fn toggle(&self, id: Uuid, precondition: &Precondition) -> Result<Task, Problem> {
        self.change(id, &Change::Toggle, precondition).await
    }

    /// Deletes a task.
    ///
    /// # Errors
    /// See [`Tasks::replace`].
    pub async fn delete(&self, id: Uuid, precondition: &Precondition) -> Result<(), Problem> {
        let flight = self.flight(&Change::Delete, precondition);
        let deleted = self.fly_change(&flight, id, &Change::Delete, precondition);
        match deleted.await {
            // The first time has deleted it.
            Err(problem) if problem.kind() == Kind::NotFound && flight.was_repeated() => Ok(()),
            deleted => deleted.map(drop),
        }
    }

    /// Deletes every completed task and says how many they were.
    ///
    /// # Errors
    /// Only what [`Problem`] says of the database.
    pub async fn clear_completed(&self) -> Result<i64, Problem> {
        let delete = Statement::new(
            "with gone as (
                delete from tasks
                where user_id = $1
                and status = 'completed'
                returning id
            )
            select count(*)
            from gone",
        )
        .bind(self.owner(), Type::TEXT);
        // Repeated, it would count what is left: nothing.
        let [rows] = self.fly(Access::Write, [delete]).await?;
        Ok(first(&rows, 0)?.unwrap_or_default())
    }

    async fn change(
        &self,
        id: Uuid,
        change: &Change<'_>,
        precondition: &Precondition,
    ) -> Result<Task, Problem> {
        let flight = self.flight(change, precondition);
        self.fly_change(&flight, id, change, precondition).await
    }

    /// Under a precondition a change must not be repeated: the second time
    /// would meet its own version.
    fn flight(&self, change: &Change<'_>, precondition: &Precondition) -> Flight<'a> {
        let access = match precondition {
            Precondition::None => change.access(),
            Precondition::IsOneOf(_) | Precondition::IsAbsent => Access::Write,
        };
        Flight::of(self.user.id(), access)
    }

    async fn fly_change(
        &self,
        flight: &Flight<'_>,
        id: Uuid,
        change: &Change<'_>,
        precondition: &Precondition,
    ) -> Result<Task, Problem> {
        let versions = precondition.versions();
        let mut statements = vec![change.statement(self.owner(), id, versions)];
        if versions.is_some() {
            statements.push(self.find_statement(id));
        }
        let answers = self.database.fly_all(flight, &statements).await?;
        let mut rows = answers.iter().map(|rows| rows.first());
        let (changed, met) = (rows.next().flatten(), rows.next().flatten());
        match (changed, met) {
            (Some(row), _) => Ok(read_task(row)?),
            (None, Some(row)) => Err(Problem::changed_meanwhile(&read_task(row)?.etag())),
            (None, None) => Err(Problem::no_such_task()),
        }
    }

    fn owner(&self) -> &'a str {
        self.user.id().as_str()
    }

    async fn fly<const N: usize>(
        &self,
        access: Access,
        statements: [Statement<'_>; N],
    ) -> Result<[Vec<Row>; N], Failure> {
        let flight = Flight::of(self.user.id(), access);
        self.database.fly(&flight, statements).await
    }

    /// Reads what has an index in the order that is asked for.
    async fn read_in_order<const N: usize>(
        &self,
        statements: [Statement<'_>; N],
    ) -> Result<[Vec<Row>; N], Failure> {
        let flight = Flight::of(self.user.id(), Access::Read).in_index_order();
        self.database.fly(&flight, statements).await
    }

    fn find_statement(&self, id: Uuid) -> Statement<'a> {
        Statement::new(format!(
            "select {COLUMNS}, create_hash
            from tasks
            where user_id = $1
            and id = $2"
        ))
        .bind(self.owner(), Type::TEXT)
        .bind(id, Type::UUID)
    }
}

/// The row of a statement that always has one.
fn only_row(rows: &[Row]) -> Result<&Row, Failure> {
    rows.first()
        .ok_or_else(|| Failure::Bug("a row is missing".into()))
}

pub(crate) fn read_tasks(rows: &[Row]) -> Result<Vec<Task>, Failure> {
    rows.iter().map(read_task).collect()
}

fn read_task(row: &Row) -> Result<Task, Failure> {
    Ok(Task {
        id: row.try_get(0)?,
        user_id: row.try_get(1)?,
        title: row.try_get(2)?,
        description: row.try_get(3)?,
        status: row.try_get(4)?,
        completed: row.try_get(5)?,
        due_date: row.try_get(6)?,
        created_at: row.try_get(7)?,
        updated_at: row.try_get(8)?,
        version: row.try_get(9)?,
    })
}
