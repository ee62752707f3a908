//! The built-in accounts: rows of Better Auth's shape, made and checked here.

use std::net::IpAddr;

use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use utoipa::ToSchema;

use super::credentials::{Login, Registration};
use super::passwords::{self, Match};
use super::profile::{PasswordPolicy, Profile};
use super::refresh::{self, Refresh, RefreshToken, lock_user_of};
use super::signer::{ACCESS_TOKEN_SECONDS, Signer};
use super::throttle::Attempt;
use crate::config::{Config, ConfigError, auth_secret};
use crate::database::{Access, Database, Failure, Flight, Statement, first};
use crate::model::UserId;
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

/// Nobody who is banned: `identify` knows.
const FIND: &str = r#"
    select "user".id, "user".name, "user".email, "user"."createdAt", account.id, account.password
    from "user"
    join account on account."userId" = "user".id and account."providerId" = 'credential'
    where "user".email = $1
    and identify("user".id)"#;

/// Unless the password was changed in the meantime.
const REHASH: &str = r#"
    update account
    set password = $3,
        "updatedAt" = now()
    where id = $1
    and password = $2"#;

/// Publishes the key that this function signs with and retires its
/// predecessor, in an hour: its last tokens live for 15 minutes. A key that
/// is there already is not even locked.
const PUBLISH: &str = "
    with published as (
        insert into auth_signing_key (kid, public_jwk)
        select $1, $2
        where not exists (
            select
            from auth_signing_key
            where kid = $1
            and retired_at is null
        )
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
    policy: PasswordPolicy,
}

/// The answer to whoever has signed up or in (RFC 6749 section 5.1).
#[derive(Serialize, ToSchema)]
pub struct Session {
    user: Profile,
    /// A JWT, to be sent as `Authorization: Bearer <access_token>`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// How many seconds the access token is good for.
    expires_in: i64,
    /// Good for one use, within 30 days.
    refresh_token: String,
}

impl Accounts {
    pub(crate) fn new(config: &Config, database: Database) -> Result<Self, ConfigError> {
        Ok(Self {
            database,
            signer: Signer::new(&auth_secret()?, &config.api_base_url)?,
            policy: PasswordPolicy::new(config),
        })
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Makes a user and signs it in.
    ///
    /// # Errors
    /// 409 when the e-mail address has an account already, 422 for a password
    /// that is too short or too common, 429 after too many from one address.
    pub async fn register(&self, new: Registration, from: IpAddr) -> Result<Session, Problem> {
        let email = new.email.as_str();
        self.policy.rules.check("password", &new.password, email)?;
        let attempt = Attempt::to_register(&new.email, from);
        let [counted] = self.fly(Access::RepeatableWrite, [attempt.count()]).await?;
        attempt.check(&counted, false)?;

        let password = passwords::hash(new.password.as_str()).map_err(Problem::internal)?;
        let (user, account) = (UserId::random(), UserId::random());
        let register = Statement::new(REGISTER)
            .bind(user.as_str(), Type::TEXT)
            .bind(new.name.as_str(), Type::TEXT)
            .bind(email, Type::TEXT)
            .bind(account.as_str(), Type::TEXT)
            .bind(password, Type::TEXT);
        let token = RefreshToken::random()?;
        let statements = [
            register,
            token.issue(&user, None),
            self.publish(),
            attempt.succeed(),
        ];
        let [rows, ..] =
            self.fly(Access::Write, statements)
                .await
                .map_err(|failure| match failure {
                    failure if failure.violates("user_email_key") => Problem::email_taken(),
                    failure => failure.into(),
                })?;
        let created_at = first(&rows, 0)?;
        let profile = Profile {
            id: user.to_string(),
            name: new.name,
            email: email.to_owned(),
            created_at: created_at.ok_or_else(|| Problem::internal("no user came back"))?,
        };
        self.session(&user, profile, token)
    }

    /// Signs a user in.
    ///
    /// # Errors
    /// 401, the same and after the same work for an unknown e-mail address
    /// and a wrong password; 429 after too many attempts.
    pub async fn login(&self, login: &Login, from: IpAddr) -> Result<Session, Problem> {
        let attempt = Attempt::to_sign_in(&login.email, from);
        let find = Statement::new(FIND).bind(login.email.as_str(), Type::TEXT);
        let statements = [attempt.count(), attempt.is_familiar(), find];
        let [counted, familiar, found] = self.fly(Access::RepeatableWrite, statements).await?;
        attempt.check(&counted, !familiar.is_empty())?;

        let stored: Option<String> = first(&found, 5)?;
        let password = login.password.as_str();
        let answer = passwords::verify(password, stored.as_deref(), self.policy.hash_kinds);
        let (Some(row), Match::Yes | Match::YesButWeak) = (found.first(), &answer) else {
            return Err(Problem::login_refused());
        };
        let profile = Profile::read(row)?;
        let user = UserId::parse(profile.id.clone()).ok_or_else(Problem::login_refused)?;
        let token = RefreshToken::random()?;
        let statements = [
            refresh::lock(&user),
            token.issue(&user, stored.as_deref()),
            self.publish(),
            attempt.succeed(),
        ];
        let [_, issued, ..] = self.fly(Access::RepeatableWrite, statements).await?;
        if issued.is_empty() {
            return Err(Problem::login_refused());
        }
        if answer == Match::YesButWeak {
            self.rehash(row, password, stored).await?;
        }
        self.session(&user, profile, token)
    }

    /// Takes a refresh token for a new one and a new access token.
    ///
    /// # Errors
    /// 401 when the token is unknown, used, revoked or too old; a token that
    /// was used before ends its whole family.
    pub async fn refresh(&self, presented: &Refresh) -> Result<Session, Problem> {
        let token = RefreshToken::random()?;
        let statements = [
            lock_user_of(presented),
            token.rotate(presented),
            self.publish(),
        ];
        let [_, rows, _] = self.fly(Access::RepeatableWrite, statements).await?;
        let row = rows.first().ok_or_else(Problem::refresh_refused)?;
        let ended: i64 = row.try_get(4).map_err(Failure::from)?;
        if ended > 0 {
            return Err(Problem::refresh_reused());
        }
        let id: Option<String> = row.try_get(0).map_err(Failure::from)?;
        let user = id
            .and_then(UserId::parse)
            .ok_or_else(Problem::refresh_refused)?;
        self.session(&user, Profile::read(row)?, token)
    }

    async fn fly<const N: usize>(
        &self,
        access: Access,
        statements: [Statement<'_>; N],
    ) -> Result<[Vec<Row>; N], Failure> {
        let flight = Flight::of_sign_in(access);
        self.database.fly(&flight, statements).await
    }

    fn publish(&self) -> Statement<'_> {
        Statement::new(PUBLISH)
            .bind(self.signer.kid(), Type::TEXT)
            .bind(self.signer.public_jwk(), Type::TEXT)
    }

    /// The password is known only now, so now its hash can be made stronger.
    async fn rehash(
        &self,
        row: &Row,
        password: &str,
        stored: Option<String>,
    ) -> Result<(), Problem> {
        let account: String = row.try_get(4).map_err(Failure::from)?;
        let hash = passwords::hash(password).map_err(Problem::internal)?;
        let rehash = Statement::new(REHASH)
            .bind(account, Type::TEXT)
            .bind(stored, Type::TEXT)
            .bind(hash, Type::TEXT);
        self.fly(Access::RepeatableWrite, [rehash]).await?;
        Ok(())
    }

    fn session(&self, id: &UserId, user: Profile, token: RefreshToken) -> Result<Session, Problem> {
        Ok(Session {
            user,
            access_token: self.signer.access_token(id).map_err(Problem::internal)?,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_SECONDS,
            refresh_token: token.into_text(),
        })
    }
}
