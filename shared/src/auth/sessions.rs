//! The built-in accounts: rows of Better Auth's shape, made and checked here.

use std::net::IpAddr;

use serde::Serialize;

use super::credentials::{Login, Registration};
use super::passwords::{self, Match};
use super::profile::{PasswordPolicy, Profile};
use super::refresh::Refresh;
use super::secret_token::SecretToken;
use super::signer::{ACCESS_TOKEN_SECONDS, Signer};
use super::throttle::{self, Attempt};
use crate::config::{Config, ConfigError, RegistrationMode, auth_secret};
use crate::database::{Call, Database, Failure, only_row};
use crate::model::UserId;
use crate::problem::Problem;

/// Signs people up and in. Only functions that serve this hold AUTH_SECRET.
pub struct Sessions {
    database: Database,
    signer: Signer,
    policy: PasswordPolicy,
    registration: RegistrationMode,
}

/// The answer to whoever has signed up or in (RFC 6749 section 5.1).
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
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

impl Sessions {
    pub(crate) fn new(config: &Config, database: Database) -> Result<Self, ConfigError> {
        Ok(Self {
            database,
            signer: Signer::new(&auth_secret()?, &config.token_issuer)?,
            policy: PasswordPolicy::new(config),
            registration: config.registration,
        })
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Makes a user and signs it in.
    ///
    /// # Errors
    /// 409 when the e-mail address has an account already, 422 for a password
    /// that is too short or too common, 429 after too many from one address,
    /// 403 where registration is closed.
    pub async fn register(&self, new: Registration, from: IpAddr) -> Result<Session, Problem> {
        if self.registration == RegistrationMode::Closed {
            return Err(Problem::registration_closed());
        }
        let email = new.email.as_str();
        self.policy.rules.check("password", &new.password, email)?;
        let attempt = Attempt::to_register(&new.email, from);
        let begin = attempt.narrow(Call::repeatable("begin_registration"));
        throttle::check(only_row(&self.database.call(&begin).await?)?)?;

        let password = passwords::hash(new.password.as_str()).map_err(Problem::internal)?;
        let (user, account) = (UserId::random(), UserId::random());
        let token = SecretToken::random()?;
        let register = Call::once("register")
            .with(user.as_str())
            .with(new.name.as_str())
            .with(email)
            .with(account.as_str())
            .with(password)
            .with(token.id())
            .with(token.hash())
            .with(self.signer.kid())
            .with(self.signer.public_jwk())
            .with(attempt.familiar());
        let rows = self.database.call(&register).await?;
        let profile = Profile {
            id: user.to_string(),
            name: new.name.clone(),
            email: email.to_owned(),
            created_at: only_row(&rows)?.try_get(0).map_err(Failure::from)?,
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
        let begin = Call::repeatable("begin_login").with(login.email.as_str());
        let begin = attempt.account(attempt.narrow(begin));
        let rows = self.database.call(&begin.with(attempt.familiar())).await?;
        let row = only_row(&rows)?;
        throttle::check(row)?;

        let stored: Option<String> = row.try_get(5).map_err(Failure::from)?;
        let password = login.password.as_str();
        let answer = passwords::verify(password, stored.as_deref(), self.policy.hash_kinds);
        // The password is known only now, so now its hash can be made stronger.
        let rehashed = match answer {
            Match::No => return Err(Problem::login_refused()),
            Match::Yes => None,
            Match::YesButWeak => Some(passwords::hash(password).map_err(Problem::internal)?),
        };
        let profile = Profile::read(row, 1)?;
        let user = UserId::parse(profile.id.clone()).ok_or_else(Problem::login_refused)?;
        let token = SecretToken::random()?;
        let finish = Call::repeatable("finish_login")
            .with(user.as_str())
            .with(stored)
            .with(rehashed)
            .with(token.id())
            .with(token.hash())
            .with(self.signer.kid())
            .with(self.signer.public_jwk())
            .with(attempt.narrow_keys())
            .with(attempt.account_keys())
            .with(attempt.pair())
            .with(attempt.familiar());
        let rows = self.database.call(&finish).await?;
        match only_row(&rows)?.try_get(0).map_err(Failure::from)? {
            true => self.session(&user, profile, token),
            false => Err(Problem::login_refused()),
        }
    }

    /// Takes a refresh token for a new one and a new access token.
    ///
    /// # Errors
    /// 401 when the token is unknown, used, revoked or too old; a token that
    /// was used before ends its whole sign-in. 429 after too many bad tokens
    /// from one address.
    pub async fn refresh(&self, presented: &Refresh, from: IpAddr) -> Result<Session, Problem> {
        let token = SecretToken::random()?;
        let refresh = Call::repeatable("refresh_session")
            .with(presented.hash())
            .with(token.id())
            .with(token.hash())
            .with(self.signer.kid())
            .with(self.signer.public_jwk());
        let refresh = Attempt::to_refresh(from).narrow(refresh);
        let rows = self.database.call(&refresh).await?;
        let row = only_row(&rows)?;
        throttle::check(row)?;
        if row.try_get(1).map_err(Failure::from)? {
            return Err(Problem::refresh_reused());
        }
        let id: Option<String> = row.try_get(2).map_err(Failure::from)?;
        let user = id
            .and_then(UserId::parse)
            .ok_or_else(Problem::refresh_refused)?;
        self.session(&user, Profile::read(row, 2)?, token)
    }

    fn session(&self, id: &UserId, user: Profile, token: SecretToken) -> Result<Session, Problem> {
        Ok(Session {
            user,
            access_token: self.signer.access_token(id).map_err(Problem::internal)?,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_SECONDS,
            refresh_token: token.into_text(),
        })
    }
}
