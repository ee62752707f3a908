//! The tasks of one user: every SQL statement on tasks, `$1` always the owner.

use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::auth::User;
use crate::conditions::Precondition;
use crate::database::{Access, Database, Failure, Flight, Statement};
use crate::idempotency::{self, IdempotencyKey};
use crate::listing;
use crate::page::{Page, Total};
use crate::problem::Problem;
use crate::task::{Description, NewTask, StatusChange, Task, TaskChanges, Title, etag};

/// Never `*`: the order is what [`read_task`] reads.
const COLUMNS: &str =
    "id, user_id, title, description, status, completed, due_date, created_at, updated_at, version";

const INSERT: &str = "
    insert into tasks (user_id, id, title, description, status, due_date, create_hash)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (id) do nothing
    returning id";

const REPLACE: &str = "
    update tasks
    set title = $4,
        description = $5,
        status = $6,
        due_date = $7,
        version = version + 1,
        updated_at = now()
    from met
    where user_id = $1
    and id = met_id";

/// An empty change leaves the task as it was, `updated_at` and all.
const UPDATE: &str = "
    update tasks
    set title = coalesce($4, title),
        description = coalesce($5, description),
        status = case
            when $7 and completed then 'pending'
            else coalesce($6, status)
        end,
        due_date = case when $8 then $9 else due_date end,
        version = case when $10 then version else version + 1 end,
        updated_at = case when $10 then updated_at else now() end
    from met
    where user_id = $1
    and id = met_id";

const TOGGLE: &str = "
    update tasks
    set status = case when completed then 'pending' else 'completed' end,
        version = version + 1,
        updated_at = now()
    from met
    where user_id = $1
    and id = met_id";

const DELETE: &str = "
    delete from tasks
    using met
    where user_id = $1
    and id = met_id";

/// The tasks of the user that the token proved.
///
/// No method takes a user id, so there is no way to ask for another's.
pub struct Tasks<'a> {
    database: &'a Database,
    user: &'a User,
}

/// What came of a request for a new task.
pub enum Creation {
    /// It was made.
    New(Task),
    /// The same key has made it before.
    Replayed(Task),
}

/// A page of tasks.
#[derive(Serialize)]
pub struct TaskList {
    tasks: Vec<Task>,
    /// How many tasks the filter matches, on all pages, unless it was not
    /// asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<i64>,
    /// What to send as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl TaskList {
    pub(crate) fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    pub(crate) fn is_counted(&self) -> bool {
        self.total.is_some()
    }
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
        only_task(&rows)
    }

    /// One page of the tasks that the page's filter matches, and their number.
    ///
    /// # Errors
    /// Only what [`crate::Problem`] says of the database.
    pub async fn list(&self, page: &Page) -> Result<TaskList, Problem> {
        let select = listing::select(self.owner(), page, COLUMNS);
        let (total, rows) = match page.total() {
            Total::None => {
                let [rows] = self.fly(Access::Read, [select]).await?;
                (None, rows)
            }
            Total::Exact => {
                let count = listing::count(self.owner(), page.filter());
                let [count, rows] = self.fly(Access::Read, [count, select]).await?;
                let row = count.first();
                let count = row.map(|row| row.try_get(0)).transpose();
                (count.map_err(Failure::from)?, rows)
            }
        };
        let mut tasks = rows.iter().map(read_task).collect::<Result<Vec<_>, _>>()?;
        let shown = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let is_last = tasks.len() <= shown;
        tasks.truncate(shown);
        let next = tasks.last().filter(|_| !is_last);
        let next_cursor = next.map(|task| page.cursor_behind(task));
        Ok(TaskList {
            tasks,
            total,
            next_cursor,
        })
    }

    /// Stores a new task; under a key only once.
    ///
    /// The id is made before the flight, so that a flight whose answer was
    /// lost can be repeated: the second time inserts nothing and reads back.
    /// It takes two statements, because one does not see the row that it
    /// conflicted with.
    ///
    /// # Errors
    /// 422 when the key stands for another task already.
    pub async fn create(
        &self,
        new: &NewTask,
        key: Option<&IdempotencyKey>,
    ) -> Result<Creation, Problem> {
        let id = key.map_or_else(Uuid::now_v7, |key| key.task_id(self.user.id()));
        let hash = key.map(|_| idempotency::hash(new));
        let insert = Statement::new(INSERT)
            .bind(self.owner(), Type::TEXT)
            .bind(id, Type::UUID)
            .bind(new.title.as_str(), Type::TEXT)
            .bind(new.description.as_str(), Type::TEXT)
            .bind(new.status.as_str(), Type::TEXT)
            .bind(new.due_date, Type::DATE)
            .bind(hash.clone(), Type::BYTEA);
        let find = self.find_statement(id);
        let [inserted, rows] = self.fly(Access::RepeatableWrite, [insert, find]).await?;
        let task = only_task(&rows)?;
        if key.is_none() || !inserted.is_empty() {
            return Ok(Creation::New(task));
        }
        let created_from: Option<Vec<u8>> = match rows.first() {
            Some(row) => row.try_get("create_hash").map_err(Failure::from)?,
            None => None,
        };
        if created_from != hash {
            return Err(Problem::key_reused());
        }
        Ok(Creation::Replayed(task))
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
        let replace = self
            .change(id, precondition, REPLACE)
            .bind(new.title.as_str(), Type::TEXT)
            .bind(new.description.as_str(), Type::TEXT)
            .bind(new.status.as_str(), Type::TEXT)
            .bind(new.due_date, Type::DATE);
        self.changed(Access::RepeatableWrite, replace, precondition)
            .await
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
        let (status, reopen) = match changes.status {
            Some(StatusChange::To(status)) => (Some(status.as_str()), false),
            Some(StatusChange::Reopen) => (None, true),
            None => (None, false),
        };
        let title = changes.title.as_ref().map(Title::as_str);
        let description = changes.description.as_ref().map(Description::as_str);
        let update = self
            .change(id, precondition, UPDATE)
            .bind(title, Type::TEXT)
            .bind(description, Type::TEXT)
            .bind(status, Type::TEXT)
            .bind(reopen, Type::BOOL)
            .bind(changes.due_date.is_some(), Type::BOOL)
            .bind(changes.due_date.flatten(), Type::DATE)
            .bind(changes.is_empty(), Type::BOOL);
        self.changed(Access::RepeatableWrite, update, precondition)
            .await
    }

    /// Completes an open task and reopens a completed one.
    ///
    /// # Errors
    /// See [`Tasks::replace`].
    pub async fn toggle(&self, id: Uuid, precondition: &Precondition) -> Result<Task, Problem> {
        let toggle = self.change(id, precondition, TOGGLE);
        self.changed(Access::Write, toggle, precondition).await
    }

    /// Deletes a task.
    ///
    /// # Errors
    /// See [`Tasks::replace`].
    pub async fn delete(&self, id: Uuid, precondition: &Precondition) -> Result<(), Problem> {
        let delete = self.change(id, precondition, DELETE);
        self.changed(Access::RepeatableWrite, delete, precondition)
            .await?;
        Ok(())
    }

    /// A statement that locks the task, holds its version against the
    /// precondition and changes it, all at once: one row with the version
    /// that was met, and the changed task or nulls; no row without a task.
    fn change<'b>(&self, id: Uuid, precondition: &'b Precondition, change: &str) -> Statement<'b>
    where
        'a: 'b,
    {
        let columns = COLUMNS.replace(", ", ", tasks.");
        Statement::new(format!(
            "with met as (
                select id as met_id, version as met_version
                from tasks
                where user_id = $1
                and id = $2
                for update
            ), changed as (
                {change}
                and ($3::int[] is null or met_version = any ($3))
                returning tasks.{columns}
            )
            select changed.*, met_version
            from met
            left join changed on true"
        ))
        .bind(self.owner(), Type::TEXT)
        .bind(id, Type::UUID)
        .bind(precondition.versions(), Type::INT4_ARRAY)
    }

    /// Flies a change. Under a precondition it must not be repeated: the
    /// second time would meet its own version.
    async fn changed(
        &self,
        access: Access,
        change: Statement<'_>,
        precondition: &Precondition,
    ) -> Result<Task, Problem> {
        let access = match precondition {
            Precondition::None => access,
            Precondition::IsOneOf(_) | Precondition::IsAbsent => Access::Write,
        };
        let [rows] = self.fly(access, [change]).await?;
        let row = rows.first().ok_or_else(Problem::no_such_task)?;
        let changed: Option<Uuid> = row.try_get(0).map_err(Failure::from)?;
        if changed.is_none() {
            let version: i32 = row.try_get("met_version").map_err(Failure::from)?;
            return Err(Problem::changed_meanwhile(&etag(version)));
        }
        Ok(read_task(row)?)
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

fn only_task(rows: &[Row]) -> Result<Task, Problem> {
    match rows.first() {
        Some(row) => Ok(read_task(row)?),
        None => Err(Problem::no_such_task()),
    }
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
