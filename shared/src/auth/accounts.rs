//! The built-in accounts: rows of Better Auth's shape, made and checked here.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::types::Type;

use super::credentials::{Login, Registration};
use super::passwords;
use super::signer::{ACCESS_TOKEN_SECONDS, Signer};
use super::user::UserId;
use crate::config::{Config, ConfigError, auth_secret};
use crate::database::{Access, Database, Failure, Flight, Statement};
use crate::problem::Problem;

const REGISTER: &str = r#"
    with created as (
        insert into "user" (id, name, email, "emailVerified")
        values ($1, $2, $3, false)
        returning id, "createdAt"
    ), credential as (
        insert into account (id, "accountId", "providerId", "userId", password, "updatedAt")
        select $4, id, 'credential', id, $5, now()
        from created
    )
    select "createdAt"
    from created"#;

const FIND: &str = r#"
    select "user".id, "user".name, "user".email, "user"."createdAt", account.password
    from "user"
    join account on account."userId" = "user".id and account."providerId" = 'credential'
    where "user".email = $1"#;

/// Publishes the key that this function signs with and retires its
/// predecessor, in an hour: its last tokens live for 15 minutes.
const PUBLISH: &str = "
    with published as (
        insert into auth_signing_key (kid, public_jwk)
        values ($1, $2)
        on conflict (kid) do update
        set retired_at = null
        where auth_signing_key.retired_at is not null
        returning kid
    )
    update auth_signing_key
    set retired_at = now() + interval '1 hour'
    where retired_at is null
    and kid <> $1
    and exists (select from published)";

/// Signs people up and in. Only functions that serve this hold AUTH_SECRET.
pub struct Accounts {
    database: Database,
    signer: Signer,
}

/// The answer to whoever has signed up or in (RFC 6749 section 5.1).
#[derive(Serialize)]
pub struct Session {
    user: Profile,
    access_token: String,
    token_type: &'static str,
    expires_in: i64,
}

#[derive(Serialize)]
struct Profile {
    id: String,
    email: String,
    name: String,
    created_at: DateTime<Utc>,
}

impl Accounts {
    pub(crate) fn new(config: &Config, database: Database) -> Result<Self, ConfigError> {
        Ok(Self {
            database,
            signer: Signer::new(&auth_secret()?, &config.api_base_url)?,
        })
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Makes a user and signs it in.
    ///
    /// # Errors
    /// 409 when the e-mail address has an account already.
    pub async fn register(&self, new: Registration) -> Result<Session, Problem> {
        let password = passwords::hash(new.password.as_str()).map_err(Problem::internal)?;
        let (user, account) = (UserId::random(), UserId::random());
        let register = Statement::new(REGISTER)
            .bind(user.as_str(), Type::TEXT)
            .bind(new.name.as_str(), Type::TEXT)
            .bind(new.email.as_str(), Type::TEXT)
            .bind(account.as_str(), Type::TEXT)
            .bind(password, Type::TEXT);
        let flight = Flight::of_sign_in(Access::Write);
        let [_, rows] = self
            .database
            .fly(&flight, [self.publish(), register])
            .await
            .map_err(|failure| match failure {
                failure if failure.violates("user_email_key") => Problem::email_taken(),
                failure => failure.into(),
            })?;
        let row = rows
            .first()
            .ok_or_else(|| Problem::internal("no user came back"))?;
        self.session(
            &user,
            Profile {
                id: user.to_string(),
                email: new.email.as_str().to_owned(),
                name: new.name,
                created_at: row.try_get(0).map_err(Failure::from)?,
            },
        )
    }

    /// Signs a user in.
    ///
    /// # Errors
    /// 401, the same and after the same work for an unknown e-mail address
    /// and a wrong password.
    pub async fn login(&self, login: Login) -> Result<Session, Problem> {
        let find = Statement::new(FIND).bind(login.email.as_str(), Type::TEXT);
        let flight = Flight::of_sign_in(Access::RepeatableWrite);
        let [_, rows] = self.database.fly(&flight, [self.publish(), find]).await?;
        let row = rows.first();
        let stored: Option<String> = match row {
            Some(row) => row.try_get(4).map_err(Failure::from)?,
            None => None,
        };
        let known = passwords::verify(login.password.as_str(), stored.as_deref());
        let row = row.filter(|_| known).ok_or_else(Problem::login_refused)?;
        let profile = Profile {
            id: row.try_get(0).map_err(Failure::from)?,
            name: row.try_get(1).map_err(Failure::from)?,
            email: row.try_get(2).map_err(Failure::from)?,
            created_at: row.try_get(3).map_err(Failure::from)?,
        };
        let user = UserId::parse(profile.id.clone()).ok_or_else(Problem::login_refused)?;
        self.session(&user, profile)
    }

    fn publish(&self) -> Statement<'_> {
        Statement::new(PUBLISH)
            .bind(self.signer.kid(), Type::TEXT)
            .bind(self.signer.public_jwk(), Type::TEXT)
    }

    fn session(&self, id: &UserId, user: Profile) -> Result<Session, Problem> {
        Ok(Session {
            user,
            access_token: self.signer.access_token(id).map_err(Problem::internal)?,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_SECONDS,
        })
    }
}
