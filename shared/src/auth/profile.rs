//! The account of a user who is signed in.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::Row;

use super::credentials::{Deletion, Password, ProfileChanges};
use super::password_rules::PasswordRules;
use super::passwords::{self, Kinds, Match};
use super::throttle::{self, Attempt};
use super::user::User;
use crate::config::Config;
use crate::database::{Call, Database, Failure, only_row};
use crate::problem::{Problem, Violation};

/// The profile that a user may read.
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct Profile {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) created_at: DateTime<Utc>,
}

impl Profile {
    /// Reads the profile whose members begin at this column.
    pub(crate) fn read(row: &Row, first: usize) -> Result<Self, Failure> {
        Ok(Self {
            id: row.try_get(first)?,
            name: row.try_get(first + 1)?,
            email: row.try_get(first + 2)?,
            created_at: row.try_get(first + 3)?,
        })
    }
}

/// The operator's rules about passwords.
pub(crate) struct PasswordPolicy {
    pub(super) rules: PasswordRules,
    pub(super) hash_kinds: Kinds,
}

impl PasswordPolicy {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            rules: PasswordRules::new(config),
            hash_kinds: Kinds::of(config),
        }
    }
}

/// The account of the user that the token proved.
pub struct Account<'a> {
    database: &'a Database,
    policy: &'a PasswordPolicy,
    user: &'a User,
}

impl<'a> Account<'a> {
    pub(crate) fn new(database: &'a Database, policy: &'a PasswordPolicy, user: &'a User) -> Self {
        Self {
            database,
            policy,
            user,
        }
    }

    /// Who the user is.
    ///
    /// # Errors
    /// Only what [`Problem`] says of the database.
    pub async fn profile(&self) -> Result<Profile, Problem> {
        let get = Call::reading("get_profile").with(self.user_id());
        let rows = self.database.call(&get).await?;
        Ok(Profile::read(only_row(&rows)?, 0)?)
    }

    /// Changes the name, the password or both. A new password ends every
    /// sign-in of ours: others who hold a refresh token have to know it.
    /// Better Auth's own sessions are not ours to end.
    ///
    /// # Errors
    /// 422 for a wrong current password or a new one that breaks a rule, 429
    /// after too many wrong ones, 409 for an account without password.
    pub async fn change(&self, changes: &ProfileChanges) -> Result<Profile, Problem> {
        let name = changes.name.as_deref();
        let Some((current, new)) = &changes.password else {
            let rename = Call::repeatable("rename_user")
                .with(self.user_id())
                .with(name);
            let rows = self.database.call(&rename).await?;
            return Ok(Profile::read(only_row(&rows)?, 0)?);
        };
        let attempt = Attempt::to_confirm(self.user.id());
        let confirmation = self.begin_confirmation(&attempt).await?;
        let email = confirmation.email.as_deref().unwrap_or_default();
        self.policy.rules.check("password", new, email)?;
        let stored = self.confirm(confirmation, "current_password", current)?;
        let change = Call::repeatable("change_password")
            .with(self.user_id())
            .with(stored)
            .with(passwords::hash(new.as_str()).map_err(Problem::internal)?)
            .with(name)
            .with(attempt.narrow_keys())
            .with(attempt.pair());
        let rows = self.database.call(&change).await?;
        let row = rows
            .first()
            .ok_or_else(Problem::password_changed_meanwhile)?;
        Ok(Profile::read(row, 0)?)
    }

    /// Deletes the user and everything that belongs to it.
    ///
    /// # Errors
    /// 422 for a wrong password, 429 after too many of them, 409 for an
    /// account without password.
    pub async fn delete(&self, deletion: &Deletion) -> Result<(), Problem> {
        let attempt = Attempt::to_confirm(self.user.id());
        let confirmation = self.begin_confirmation(&attempt).await?;
        self.confirm(confirmation, "password", &deletion.password)?;
        // Repeated, it would find nobody to delete, and say so.
        let delete = Call::once("delete_user").with(self.user_id());
        self.database.call(&delete).await?;
        Ok(())
    }

    async fn begin_confirmation(&self, attempt: &Attempt) -> Result<Confirmation, Problem> {
        let begin = Call::repeatable("begin_confirmation").with(self.user_id());
        let rows = self.database.call(&attempt.narrow(begin)).await?;
        let row = only_row(&rows)?;
        throttle::check(row)?;
        Ok(Confirmation {
            email: row.try_get(1).map_err(Failure::from)?,
            stored: row.try_get(2).map_err(Failure::from)?,
        })
    }

    /// Verifies `password`, the body's `member`, and returns its stored hash.
    fn confirm(
        &self,
        confirmation: Confirmation,
        member: &str,
        password: &Password,
    ) -> Result<String, Problem> {
        let stored = confirmation.stored.ok_or_else(Problem::no_password)?;
        match passwords::verify(password.as_str(), Some(&stored), self.policy.hash_kinds) {
            Match::Yes | Match::YesButWeak => Ok(stored),
            Match::No => Err(Problem::invalid(vec![Violation {
                pointer: format!("/{member}"),
                detail: "is not your password.".into(),
            }])),
        }
    }

    fn user_id(&self) -> &'a str {
        self.user.id().as_str()
    }
}

/// The stored hash that a password is verified against, and the address that a
/// new one must not be.
struct Confirmation {
    email: Option<String>,
    stored: Option<String>,
}
