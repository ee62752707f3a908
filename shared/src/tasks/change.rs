//! The SQL of a change to one task.

use tokio_postgres::types::Type;
use uuid::Uuid;

use super::COLUMNS;
use crate::database::{Access, Statement};
use crate::model::task::{Description, NewTask, StatusChange, TaskChanges, Title};

/// What is to become of a task.
pub(crate) enum Change<'c> {
    /// Everything that a client may say of it is said anew.
    Replace(&'c NewTask),
    /// What is named is said anew.
    Update(&'c TaskChanges),
    /// An open task is completed, a completed one opened.
    Toggle,
    /// It goes.
    Delete,
}

/// `$4` is new with each request: a change that meets it has been made, and
/// its answer lost.
const REPLACE: &str = "
    update tasks
    set title = $5,
        description = $6,
        status = $7,
        due_date = $8,
        version = case when change_id = $4 then version else version + 1 end,
        updated_at = case when change_id = $4 then updated_at else now() end,
        change_id = $4";

/// An empty change leaves the task as it was, `updated_at` and all.
const UPDATE: &str = "
    update tasks
    set title = coalesce($5, title),
        description = coalesce($6, description),
        status = case
            when $8 and completed then 'pending'
            else coalesce($7, status)
        end,
        due_date = case when $9 then $10 else due_date end,
        version = case when $11 or change_id = $4 then version else version + 1 end,
        updated_at = case when $11 or change_id = $4 then updated_at else now() end,
        change_id = case when $11 then change_id else $4 end";

/// Never repeated: somebody else may have changed the task in between.
const TOGGLE: &str = "
    update tasks
    set status = case when completed then 'pending' else 'completed' end,
        version = version + 1,
        updated_at = now(),
        change_id = $4";

const DELETE: &str = "delete from tasks";

/// The changed task, or an error that ends the transaction.
const INSIST: &str = "
    select
        changed.*,
        case when changed.id is null then refuse(
            case
                when $3::int[] is not null
                    and exists (select from tasks where user_id = $1 and id = $2)
                then 'TD412'
                else 'TD404'
            end
        ) end
    from (values (true)) as always (stands)
    left join changed on true";

/// The states that [`INSIST`] ends a transaction with; classes that begin
/// with T are nobody's (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
pub(super) const NO_SUCH_TASK: &str = "TD404";
pub(super) const OTHER_VERSION: &str = "TD412";

impl<'c> Change<'c> {
    /// Twice toggled is not toggled; anything else may be done twice.
    pub(super) fn access(&self) -> Access {
        match self {
            Self::Toggle => Access::Write,
            Self::Replace(_) | Self::Update(_) | Self::Delete => Access::RepeatableWrite,
        }
    }

    /// A statement that changes the task if it is at one of `versions`, where
    /// they are given, and returns what it has changed.
    pub(super) fn statement<'s>(
        &self,
        owner: &'s str,
        id: Uuid,
        versions: Option<&'s [i32]>,
    ) -> Statement<'s>
    where
        'c: 's,
    {
        let change = match self {
            Self::Replace(_) => REPLACE,
            Self::Update(_) => UPDATE,
            Self::Toggle => TOGGLE,
            Self::Delete => DELETE,
        };
        let statement = Statement::new(format!(
            "{change}
            where user_id = $1
            and id = $2
            and ($3::int[] is null or version = any ($3))
            returning {COLUMNS}"
        ))
        .bind(owner, Type::TEXT)
        .bind(id, Type::UUID)
        .bind(versions, Type::INT4_ARRAY);
        match self {
            Self::Replace(new) => with_task(with_id(statement), new),
            Self::Update(changes) => with_changes(with_id(statement), changes),
            Self::Toggle => with_id(statement),
            Self::Delete => statement,
        }
    }
}

/// The same change, but the transaction fails where nothing was changed.
pub(super) fn insist(change: Statement<'_>) -> Statement<'_> {
    change.rewrite(|change| format!("with changed as ({change}) {INSIST}"))
}

fn with_id(statement: Statement<'_>) -> Statement<'_> {
    statement.bind(Uuid::new_v4(), Type::UUID)
}

fn with_task<'s>(statement: Statement<'s>, new: &'s NewTask) -> Statement<'s> {
    statement
        .bind(new.title.as_str(), Type::TEXT)
        .bind(new.description.as_str(), Type::TEXT)
        .bind(new.status.as_str(), Type::TEXT)
        .bind(new.due_date, Type::DATE)
}

fn with_changes<'s>(statement: Statement<'s>, changes: &'s TaskChanges) -> Statement<'s> {
    let (status, reopen) = match changes.status {
        Some(StatusChange::To(status)) => (Some(status.as_str()), false),
        Some(StatusChange::Reopen) => (None, true),
        None => (None, false),
    };
    statement
        .bind(changes.title.as_ref().map(Title::as_str), Type::TEXT)
        .bind(
            changes.description.as_ref().map(Description::as_str),
            Type::TEXT,
        )
        .bind(status, Type::TEXT)
        .bind(reopen, Type::BOOL)
        .bind(changes.due_date.is_some(), Type::BOOL)
        .bind(changes.due_date.flatten(), Type::DATE)
        .bind(changes.is_empty(), Type::BOOL)
}
