//! The tasks of one user: every SQL statement on tasks, `$1` always the owner.

use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use crate::auth::User;
use crate::cursor::Position;
use crate::database::{Access, Database, Failure, Flight, Statement};
use crate::page::{Filter, Page};
use crate::problem::Problem;
use crate::task::{NewTask, StatusChange, Task, TaskChanges};

/// Never `*`: the order is what [`read_task`] reads.
const COLUMNS: &str =
    "id, user_id, title, description, status, completed, due_date, created_at, updated_at, version";

/// The tasks of the user that the token proved.
///
/// No method takes a user id, so there is no way to ask for another's.
pub struct Tasks<'a> {
    database: &'a Database,
    user: &'a User,
}

/// A page of tasks, newest first.
#[derive(Serialize)]
pub struct TaskList {
    tasks: Vec<Task>,
    /// How many tasks the filter matches, on all pages.
    total: i64,
    /// What to send as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
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
        let filter = match page.filter() {
            Filter::All => "",
            // Written so, the index on the status gives the order, too.
            Filter::Is(_) => "and status = ($2::text[])[1]",
            Filter::IsIn(_) => "and status = any ($2)",
        };
        let statuses = page.filter().statuses();
        let after = page.after();
        let position = match after {
            Some(_) => "and (created_at, id) < ($3, $4)",
            None => "",
        };
        let count = Statement::new(format!(
            "select count(*)
            from tasks
            where user_id = $1
            {filter}"
        ))
        .bind(self.owner(), Type::TEXT)
        .bind(statuses.clone(), Type::TEXT_ARRAY);
        let select = Statement::new(format!(
            "select {COLUMNS}
            from tasks
            where user_id = $1
            {filter}
            {position}
            order by created_at desc, id desc
            limit $5
            offset $6"
        ))
        .bind(self.owner(), Type::TEXT)
        .bind(statuses, Type::TEXT_ARRAY)
        .bind(after.map(|it| it.created_at), Type::TIMESTAMPTZ)
        .bind(after.map(|it| it.id), Type::UUID)
        .bind(page.limit() + 1, Type::INT8)
        .bind(page.offset(), Type::INT8);

        let [count, rows] = self.fly(Access::Read, [count, select]).await?;
        let total = match count.first() {
            Some(row) => row.try_get(0).map_err(Failure::from)?,
            None => 0,
        };
        let mut tasks = rows.iter().map(read_task).collect::<Result<Vec<_>, _>>()?;
        let shown = usize::try_from(page.limit()).unwrap_or(usize::MAX);
        let is_last = tasks.len() <= shown;
        tasks.truncate(shown);
        let next = tasks.last().filter(|_| !is_last).map(|task| Position {
            created_at: task.created_at,
            id: task.id,
        });
        Ok(TaskList {
            tasks,
            total,
            next_cursor: next.map(|position| page.cursor(position)),
        })
    }

    /// Stores a new task.
    ///
    /// The id is made before the flight, so that a flight whose answer was
    /// lost can be repeated: the second time inserts nothing and reads back.
    ///
    /// # Errors
    /// Only what [`crate::Problem`] says of the database.
    pub async fn create(&self, new: &NewTask) -> Result<Task, Problem> {
        let id = Uuid::now_v7();
        let insert = Statement::new(
            "insert into tasks (user_id, id, title, description, status, due_date)
            values ($1, $2, $3, $4, $5, $6)
            on conflict (id) do nothing",
        );
        let insert = self.bind_whole(insert, id, new);
        let find = self.find_statement(id);
        let [_, rows] = self.fly(Access::RepeatableWrite, [insert, find]).await?;
        only_task(&rows)
    }

    /// Replaces everything that a client may say of a task.
    ///
    /// # Errors
    /// See [`Tasks::find`].
    pub async fn replace(&self, id: Uuid, new: &NewTask) -> Result<Task, Problem> {
        let replace = Statement::new(format!(
            "update tasks
            set title = $3,
                description = $4,
                status = $5,
                due_date = $6,
                version = version + 1,
                updated_at = now()
            where user_id = $1
            and id = $2
            returning {COLUMNS}"
        ));
        let replace = self.bind_whole(replace, id, new);
        let [rows] = self.fly(Access::RepeatableWrite, [replace]).await?;
        only_task(&rows)
    }

    /// Changes what `changes` names. An empty change leaves the task as it
    /// was, `updated_at` and all.
    ///
    /// # Errors
    /// See [`Tasks::find`].
    pub async fn update(&self, id: Uuid, changes: &TaskChanges) -> Result<Task, Problem> {
        if changes.is_empty() {
            return self.find(id).await;
        }
        let (status, reopen) = match changes.status {
            Some(StatusChange::To(status)) => (Some(status.as_str()), false),
            Some(StatusChange::Reopen) => (None, true),
            None => (None, false),
        };
        let update = Statement::new(format!(
            "update tasks
            set title = coalesce($3, title),
                description = coalesce($4, description),
                status = case
                    when $6 and completed then 'pending'
                    else coalesce($5, status)
                end,
                due_date = case when $7 then $8 else due_date end,
                version = version + 1,
                updated_at = now()
            where user_id = $1
            and id = $2
            returning {COLUMNS}"
        ))
        .bind(self.owner(), Type::TEXT)
        .bind(id, Type::UUID)
        .bind(
            changes.title.as_ref().map(|title| title.as_str()),
            Type::TEXT,
        )
        .bind(
            changes.description.as_ref().map(|it| it.as_str()),
            Type::TEXT,
        )
        .bind(status, Type::TEXT)
        .bind(reopen, Type::BOOL)
        .bind(changes.due_date.is_some(), Type::BOOL)
        .bind(changes.due_date.flatten(), Type::DATE);
        let [rows] = self.fly(Access::RepeatableWrite, [update]).await?;
        only_task(&rows)
    }

    /// Completes an open task and reopens a completed one.
    ///
    /// # Errors
    /// See [`Tasks::find`].
    pub async fn toggle(&self, id: Uuid) -> Result<Task, Problem> {
        let toggle = Statement::new(format!(
            "update tasks
            set status = case when completed then 'pending' else 'completed' end,
                version = version + 1,
                updated_at = now()
            where user_id = $1
            and id = $2
            returning {COLUMNS}"
        ))
        .bind(self.owner(), Type::TEXT)
        .bind(id, Type::UUID);
        let [rows] = self.fly(Access::Write, [toggle]).await?;
        only_task(&rows)
    }

    /// Deletes a task.
    ///
    /// # Errors
    /// See [`Tasks::find`].
    pub async fn delete(&self, id: Uuid) -> Result<(), Problem> {
        let delete = Statement::new(
            "delete from tasks
            where user_id = $1
            and id = $2
            returning id",
        )
        .bind(self.owner(), Type::TEXT)
        .bind(id, Type::UUID);
        let [rows] = self.fly(Access::RepeatableWrite, [delete]).await?;
        if rows.is_empty() {
            return Err(Problem::no_such_task());
        }
        Ok(())
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
            "select {COLUMNS}
            from tasks
            where user_id = $1
            and id = $2"
        ))
        .bind(self.owner(), Type::TEXT)
        .bind(id, Type::UUID)
    }

    fn bind_whole<'b>(&self, statement: Statement<'b>, id: Uuid, task: &'b NewTask) -> Statement<'b>
    where
        'a: 'b,
    {
        statement
            .bind(self.owner(), Type::TEXT)
            .bind(id, Type::UUID)
            .bind(task.title.as_str(), Type::TEXT)
            .bind(task.description.as_str(), Type::TEXT)
            .bind(task.status.as_str(), Type::TEXT)
            .bind(task.due_date, Type::DATE)
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
