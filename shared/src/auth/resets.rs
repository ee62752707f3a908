//! A forgotten password: a link by mail, and a new password for its token.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::credentials::{ForgottenPassword, PasswordReset};
use super::mail::{self, NotSent};
use super::passwords;
use super::profile::PasswordPolicy;
use super::secret_token::{SecretToken, hash};
use super::throttle::{self, Attempt};
use crate::config::MailConfig;
use crate::database::{Call, Database, Failure, only_row};
use crate::invocation::request_id;
use crate::problem::Problem;

/// When a request for a link is answered, whether a mail was sent or not: the
/// time tells nothing about an account. Nothing can be done after the answer,
/// because Lambda freezes the environment then.
///
/// The whole seconds that the database took come on top, so that a mail always
/// has two of these; its milliseconds do not, because they differ with an
/// account.
const ANSWERED_AFTER: Duration = Duration::from_secs(3);

/// Replaces forgotten passwords of built-in accounts.
pub struct PasswordResets {
    database: Database,
    policy: PasswordPolicy,
    mail: Option<MailConfig>,
}

impl PasswordResets {
    pub(crate) fn new(
        database: Database,
        policy: PasswordPolicy,
        mail: Option<MailConfig>,
    ) -> Self {
        Self {
            database,
            policy,
            mail,
        }
    }

    pub(crate) fn database(&self) -> &Database {
        &self.database
    }

    /// Sends a link to the account of this e-mail address, if there is one.
    ///
    /// # Errors
    /// 501 where no mail can be sent, 429 after too many requests; never for
    /// an unknown address.
    pub async fn send_link(
        &self,
        forgotten: &ForgottenPassword,
        from: IpAddr,
    ) -> Result<(), Problem> {
        let mail = self.mail()?;
        let started = Instant::now();
        let token = SecretToken::random()?;
        let attempt = Attempt::to_ask_for_a_link(&forgotten.email, from);
        let begin = Call::repeatable("begin_password_reset")
            .with(forgotten.email.as_str())
            .with(token.hash());
        let begin = attempt.account(attempt.narrow(begin));
        let rows = self.database.call(&begin.with(attempt.familiar())).await?;
        let waited = Duration::from_secs(started.elapsed().as_secs());
        let answered_at = started + ANSWERED_AFTER + waited;
        let row = only_row(&rows)?;
        throttle::check(row)?;
        let address: Option<String> = row.try_get(1).map_err(Failure::from)?;
        if let Some(address) = address {
            let sending = mail::send(mail, &address, token.as_str());
            match timeout_at(answered_at, sending).await {
                Ok(Ok(())) => {}
                Ok(Err(failure)) => report(&failure),
                Err(_) => report(&NotSent {
                    cause: "the mail server did not take the mail in time".into(),
                    is_ours: true,
                }),
            }
        }
        sleep_until(answered_at).await;
        Ok(())
    }

    /// Gives the account of the token a new password and ends every sign-in of
    /// ours.
    ///
    /// # Errors
    /// 422 for a token that is not good (any more) or a password that breaks a
    /// rule, 429 after too many bad tokens, 501 where no mail can be sent.
    pub async fn reset(&self, reset: &PasswordReset, from: IpAddr) -> Result<(), Problem> {
        self.mail()?;
        let presented = hash(&reset.token);
        let find = Call::repeatable("find_password_reset").with(presented.as_slice());
        let find = Attempt::to_reset(from).narrow(find);
        let rows = self.database.call(&find).await?;
        let row = only_row(&rows)?;
        throttle::check(row)?;
        let email: Option<String> = row.try_get(1).map_err(Failure::from)?;
        let email = email.ok_or_else(Problem::reset_refused)?;
        let password = &reset.password;
        self.policy.rules.check("password", password, &email)?;

        let reset = Call::repeatable("reset_password")
            .with(presented.as_slice())
            .with(passwords::hash(password.as_str()).map_err(Problem::internal)?);
        let rows = self.database.call(&reset).await?;
        match only_row(&rows)?.try_get(0).map_err(Failure::from)? {
            true => Ok(()),
            false => Err(Problem::reset_refused()),
        }
    }

    fn mail(&self) -> Result<&MailConfig, Problem> {
        self.mail.as_ref().ok_or_else(Problem::no_mail)
    }
}

/// The client is told nothing: that would tell it of an account.
fn report(NotSent { cause, is_ours }: &NotSent) {
    let request_id = request_id();
    match is_ours {
        true => tracing::error!(request_id, cause, "a mail was not sent"),
        false => tracing::warn!(request_id, cause, "a mail was not sent"),
    }
}
