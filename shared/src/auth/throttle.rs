//! The sign-in throttle: how often a password may be tried.
//!
//! Counted in the database, because every environment of Lambda would count
//! for itself. Nobody is locked out for being attacked: whoever has signed in
//! from an address before is spared the limit on the account.

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::credentials::Email;
use super::user::UserId;
use crate::database::{Failure, Statement};
use crate::problem::Problem;

const MINUTE: i32 = 60;
const DAY: i32 = 24 * 60 * MINUTE;

/// In one statement for all keys, each locked in order, so that two sign-ins
/// never wait for each other in a circle. Windows that ended a day ago go.
const COUNT: &str = "
    with ended as (
        delete from auth_throttle
        where key in (
            select key
            from auth_throttle
            where window_ends_at < now() - interval '1 day'
            and key <> all ($1)
            limit 10
            for update skip locked
        )
    )
    insert into auth_throttle (key, hits, window_ends_at)
    select key, 1, now() + make_interval(secs => seconds)
    from unnest($1::text[], $2::int[]) as limits (key, seconds)
    order by key
    on conflict (key) do update
    set hits = case
            when auth_throttle.window_ends_at <= now() then 1
            else auth_throttle.hits + 1
        end,
        window_ends_at = case
            when auth_throttle.window_ends_at <= now() then excluded.window_ends_at
            else auth_throttle.window_ends_at
        end
    returning key, hits, window_ends_at";

const IS_FAMILIAR: &str = "
    select
    from auth_throttle
    where key = $1
    and window_ends_at > now()";

/// What went well is not counted, and makes the pair familiar.
const SUCCEED: &str = "
    with forgiven as (
        update auth_throttle
        set hits = case when key = $1 then 0 else hits - 1 end
        where key in (
            select key
            from auth_throttle
            where key = any ($2)
            order by key
            for update
        )
    )
    insert into auth_throttle (key, hits, window_ends_at)
    values ($3, 0, now() + interval '90 days')
    on conflict (key) do update
    set window_ends_at = excluded.window_ends_at";

/// Who tries what, as hashes.
pub(super) struct Attempt {
    limits: Vec<Limit>,
    pair: String,
    familiar: String,
}

struct Limit {
    key: String,
    hits: i32,
    seconds: i32,
    /// Whether a familiar address is spared.
    spares_the_familiar: bool,
}

impl Attempt {
    /// A password for `email` from `address`: 10 in 15 minutes for the pair,
    /// 60 in 15 minutes for the address, and 100 in a day for the e-mail
    /// address, the cap of NIST SP 800-63B-4 section 3.2.2.
    pub(super) fn to_sign_in(email: &Email, address: IpAddr) -> Self {
        let from = address.to_string();
        let pair = hash("pair", &[email.as_str(), &from]);
        let mut limits = vec![
            limit(pair.clone(), 10, 15 * MINUTE, false),
            limit(hash("email", &[email.as_str()]), 100, DAY, true),
        ];
        limits.extend(of_address("sign-in", address));
        Self {
            limits,
            pair,
            familiar: hash("familiar", &[email.as_str(), &from]),
        }
    }

    /// A new account from `address`: 60 in 15 minutes.
    pub(super) fn to_register(email: &Email, address: IpAddr) -> Self {
        Self {
            limits: of_address("register", address).into_iter().collect(),
            ..Self::to_sign_in(email, address)
        }
    }

    /// The password of somebody who is signed in, asked for once more: 10 in
    /// 15 minutes.
    pub(super) fn to_confirm(user: &UserId) -> Self {
        let key = hash("confirm", &[user.as_str()]);
        Self {
            limits: vec![limit(key.clone(), 10, 15 * MINUTE, false)],
            familiar: hash("confirmed", &[user.as_str()]),
            pair: key,
        }
    }

    /// Counts the attempt.
    pub(super) fn count(&self) -> Statement<'_> {
        let seconds: Vec<i32> = self.limits.iter().map(|limit| limit.seconds).collect();
        Statement::new(COUNT)
            .bind(self.keys(), Type::TEXT_ARRAY)
            .bind(seconds, Type::INT4_ARRAY)
    }

    /// Asks whether the pair has signed in before.
    pub(super) fn is_familiar(&self) -> Statement<'_> {
        Statement::new(IS_FAMILIAR).bind(self.familiar.as_str(), Type::TEXT)
    }

    /// Notes that it went well.
    pub(super) fn succeed(&self) -> Statement<'_> {
        Statement::new(SUCCEED)
            .bind(self.pair.as_str(), Type::TEXT)
            .bind(self.keys(), Type::TEXT_ARRAY)
            .bind(self.familiar.as_str(), Type::TEXT)
    }

    fn keys(&self) -> Vec<&str> {
        self.limits.iter().map(|limit| limit.key.as_str()).collect()
    }

    /// Holds what was counted against the limits.
    ///
    /// # Errors
    /// 429 with the seconds until the last exceeded window ends.
    pub(super) fn check(&self, counted: &[Row], is_familiar: bool) -> Result<(), Problem> {
        let mut wait = None;
        for row in counted {
            let (key, hits): (String, i32) = read(row)?;
            let ends: DateTime<Utc> = row.try_get(2).map_err(Failure::from)?;
            let exceeded = |limit: &Limit| {
                limit.key == key && hits > limit.hits && !(limit.spares_the_familiar && is_familiar)
            };
            if self.limits.iter().any(exceeded) {
                wait = wait.max(Some((ends - Utc::now()).num_seconds()));
            }
        }
        match wait {
            Some(seconds) => Err(Problem::too_many_attempts(seconds.max(1))),
            None => Ok(()),
        }
    }
}

fn read(row: &Row) -> Result<(String, i32), Failure> {
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// On loopback everybody comes from the same address: the emulator's.
fn of_address(kind: &str, address: IpAddr) -> Option<Limit> {
    let key = hash(kind, &[&address.to_string()]);
    (!address.is_loopback()).then(|| limit(key, 60, 15 * MINUTE, false))
}

fn limit(key: String, hits: i32, seconds: i32, spares_the_familiar: bool) -> Limit {
    Limit {
        key,
        hits,
        seconds,
        spares_the_familiar,
    }
}

/// Neither e-mail addresses nor IP addresses are stored.
fn hash(kind: &str, parts: &[&str]) -> String {
    let text = format!("{kind}\0{}", parts.join("\0"));
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}
