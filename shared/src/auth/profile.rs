//! The account of a user who is signed in.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use utoipa::ToSchema;

use super::credentials::{Deletion, Password, ProfileChanges};
use super::password_rules::PasswordRules;
use super::passwords::{self, Kinds, Match};
use super::refresh;
use super::throttle::Attempt;
use super::user::User;
use crate::config::Config;
use crate::database::{Access, Database, Failure, Flight, Statement, first};
use crate::problem::{Problem, Violation};

const FIND: &str = r#"
    select id, name, email, "createdAt"
    from "user"
    where id = $1"#;

const RENAME: &str = r#"
    update "user"
    set name = coalesce($2, name),
        "updatedAt" = now()
    where id = $1
    and (
        $3::text is null
        or exists (
            select
            from account
            where "userId" = $1
            and "providerId" = 'credential'
            and password = $3
        )
    )
    returning id, name, email, "createdAt""#;

const FIND_PASSWORD: &str = r#"
    select password
    from account
    where "userId" = $1
    and "providerId" = 'credential'"#;

/// Unless it was changed in the meantime.
const CHANGE_PASSWORD: &str = r#"
    update account
    set password = $3,
        "updatedAt" = now()
    where "userId" = $1
    and "providerId" = 'credential'
    and password = $2
    returning id"#;

/// Everything else of the user goes with it.
const DELETE: &str = r#"
    delete from "user"
    where id = $1"#;

/// What a user may read of itself.
#[derive(Serialize, ToSchema)]
pub struct Profile {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) created_at: DateTime<Utc>,
}

impl Profile {
    /// From the first four columns.
    pub(super) fn read(row: &Row) -> Result<Self, Failure> {
        Ok(Self {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            email: row.try_get(2)?,
            created_at: row.try_get(3)?,
        })
    }
}

/// What the operator has decided about passwords.
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
        let [rows] = self.fly(Access::Read, [find_profile(self.user)]).await?;
        only_profile(&rows)
    }

    /// Changes the name, the password or both. A new password ends every
    /// sign-in of ours: whoever else holds a refresh token has to know it.
    /// Better Auth's own sessions are not ours to end.
    ///
    /// # Errors
    /// 422 for a wrong current password or a new one that breaks a rule, 429
    /// after too many wrong ones, 409 for an account without password.
    pub async fn change(&self, changes: &ProfileChanges) -> Result<Profile, Problem> {
        let rename = self
            .statement(RENAME)
            .bind(changes.name.as_deref(), Type::TEXT);
        let Some((current, new)) = &changes.password else {
            let rename = rename.bind(None::<&str>, Type::TEXT);
            let [rows] = self.fly(Access::RepeatableWrite, [rename]).await?;
            return only_profile(&rows);
        };
        let email = self.profile().await?.email;
        self.policy.rules.check("password", new, &email)?;
        let attempt = Attempt::to_confirm(self.user.id());
        let stored = self.confirm(&attempt, "current_password", current).await?;
        let hash = passwords::hash(new.as_str()).map_err(Problem::internal)?;
        let user = self.user.id();
        let change = self
            .statement(CHANGE_PASSWORD)
            .bind(stored, Type::TEXT)
            .bind(hash.as_str(), Type::TEXT);
        // What follows the change happens only if it was made.
        let statements = [
            refresh::lock(user),
            change,
            refresh::end_all(user, &hash),
            rename.bind(hash.as_str(), Type::TEXT),
            attempt.succeed(),
        ];
        let [_, changed, _, rows, _] = self.fly(Access::Write, statements).await?;
        if changed.is_empty() {
            return Err(Problem::password_changed_meanwhile());
        }
        only_profile(&rows)
    }

    /// Deletes the user and everything that belongs to it.
    ///
    /// # Errors
    /// 422 for a wrong password, 429 after too many of them, 409 for an
    /// account without password.
    pub async fn delete(&self, deletion: &Deletion) -> Result<(), Problem> {
        let attempt = Attempt::to_confirm(self.user.id());
        self.confirm(&attempt, "password", &deletion.password)
            .await?;
        // Repeated, it would find nobody to delete, and say so.
        self.fly(Access::Write, [self.statement(DELETE)]).await?;
        Ok(())
    }

    /// The stored hash that `password`, the body's `member`, belongs to.
    async fn confirm(
        &self,
        attempt: &Attempt,
        member: &str,
        password: &Password,
    ) -> Result<String, Problem> {
        let statements = [attempt.count(), self.statement(FIND_PASSWORD)];
        let [counted, rows] = self.fly(Access::RepeatableWrite, statements).await?;
        attempt.check(&counted, false)?;
        let stored: Option<String> = first(&rows, 0)?;
        let stored = stored.ok_or_else(Problem::no_password)?;
        match passwords::verify(password.as_str(), Some(&stored), self.policy.hash_kinds) {
            Match::Yes | Match::YesButWeak => Ok(stored),
            Match::No => Err(Problem::invalid(vec![Violation {
                pointer: format!("/{member}"),
                detail: "is not your password.".into(),
            }])),
        }
    }

    fn statement(&self, sql: &str) -> Statement<'a> {
        Statement::new(sql).bind(self.user.id().as_str(), Type::TEXT)
    }

    async fn fly<const N: usize>(
        &self,
        access: Access,
        statements: [Statement<'_>; N],
    ) -> Result<[Vec<Row>; N], Failure> {
        let flight = Flight::of_account(self.user.id(), access);
        self.database.fly(&flight, statements).await
    }
}

/// Who `user` is; see [`only_profile`].
pub(crate) fn find_profile(user: &User) -> Statement<'_> {
    Statement::new(FIND).bind(user.id().as_str(), Type::TEXT)
}

pub(crate) fn only_profile(rows: &[Row]) -> Result<Profile, Problem> {
    match rows.first() {
        Some(row) => Ok(Profile::read(row)?),
        None => Err(Failure::UserGone.into()),
    }
}
