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
use crate::database::{Failure, Statement};
use crate::model::UserId;
use crate::problem::Problem;

const MINUTE: i32 = 60;
const DAY: i32 = 24 * 60 * MINUTE;

/// One more in a window that goes on, or the first of a new one.
const AGAIN: &str = "
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
        set hits = case when key = $2 then 0 else hits - 1 end
        where key in (
            select key
            from auth_throttle
            where key = any ($1)
            order by key = any ($3), key
            for update
        )
    )
    insert into auth_throttle (key, hits, window_ends_at)
    select $4, 0, now() + interval '90 days'
    where $4 is not null
    on conflict (key) do update
    set window_ends_at = excluded.window_ends_at";

/// Who tries what, as hashes.
#[derive(Default)]
pub(super) struct Attempt {
    /// Of whoever tries.
    narrow: Vec<Limit>,
    /// Of what is tried at, from which a familiar pair is spared.
    account: Vec<Limit>,
    /// What a success takes back to nothing.
    pair: Option<String>,
    /// What a success makes familiar.
    familiar: Option<String>,
    /// Whether a success is counted all the same.
    counts_success: bool,
}

struct Limit {
    key: String,
    hits: i32,
    seconds: i32,
}

impl Attempt {
    /// A password for `email` from `address`: 10 in 15 minutes for the pair,
    /// 60 in 15 minutes for the address, and 100 in a day for the e-mail
    /// address, the cap of NIST SP 800-63B-4 section 3.2.2.
    pub(super) fn to_sign_in(email: &Email, address: IpAddr) -> Self {
        let from = network(address);
        let pair = hash("pair", &[email.as_str(), &from]);
        let mut narrow = vec![limit(pair.clone(), 10, 15 * MINUTE)];
        narrow.extend(of_address("sign-in", address));
        Self {
            narrow,
            account: vec![limit(hash("email", &[email.as_str()]), 100, DAY)],
            pair: Some(pair),
            familiar: Some(hash("familiar", &[email.as_str(), &from])),
            counts_success: false,
        }
    }

    /// A new account from `address`: 60 in 15 minutes, made or not.
    pub(super) fn to_register(email: &Email, address: IpAddr) -> Self {
        Self {
            narrow: of_address("register", address).into_iter().collect(),
            familiar: Self::to_sign_in(email, address).familiar,
            counts_success: true,
            ..Self::default()
        }
    }

    /// The password of somebody who is signed in, asked for once more: 10 in
    /// 15 minutes.
    pub(super) fn to_confirm(user: &UserId) -> Self {
        let key = hash("confirm", &[user.as_str()]);
        Self {
            narrow: vec![limit(key.clone(), 10, 15 * MINUTE)],
            pair: Some(key),
            ..Self::default()
        }
    }

    /// Counts the attempt.
    pub(super) fn count(&self) -> Statement<'_> {
        let seconds =
            |limits: &[Limit]| -> Vec<i32> { limits.iter().map(|it| it.seconds).collect() };
        let hits: Vec<i32> = self.narrow.iter().map(|limit| limit.hits).collect();
        Statement::new(count_sql())
            .bind(keys(&self.narrow), Type::TEXT_ARRAY)
            .bind(seconds(&self.narrow), Type::INT4_ARRAY)
            .bind(hits, Type::INT4_ARRAY)
            .bind(keys(&self.account), Type::TEXT_ARRAY)
            .bind(seconds(&self.account), Type::INT4_ARRAY)
    }

    /// Asks whether the pair has signed in before.
    pub(super) fn is_familiar(&self) -> Statement<'_> {
        Statement::new(IS_FAMILIAR).bind(self.familiar.as_deref(), Type::TEXT)
    }

    /// Notes that it went well.
    pub(super) fn succeed(&self) -> Statement<'_> {
        let forgiven = match self.counts_success {
            true => Vec::new(),
            false => [keys(&self.narrow), keys(&self.account)].concat(),
        };
        Statement::new(SUCCEED)
            .bind(forgiven, Type::TEXT_ARRAY)
            .bind(self.pair.as_deref(), Type::TEXT)
            .bind(keys(&self.account), Type::TEXT_ARRAY)
            .bind(self.familiar.as_deref(), Type::TEXT)
    }

    /// Holds what was counted against the limits.
    ///
    /// # Errors
    /// 429 with the seconds until the last exceeded window ends.
    pub(super) fn check(&self, counted: &[Row], is_familiar: bool) -> Result<(), Problem> {
        let account = if is_familiar { &[][..] } else { &self.account };
        let mut wait_ms = None;
        for row in counted {
            let (key, hits): (String, i32) = read(row)?;
            let ends: DateTime<Utc> = row.try_get(2).map_err(Failure::from)?;
            let exceeded = |limit: &Limit| limit.key == key && hits > limit.hits;
            if self.narrow.iter().chain(account).any(exceeded) {
                wait_ms = wait_ms.max(Some((ends - Utc::now()).num_milliseconds()));
            }
        }
        match wait_ms {
            Some(ms) => Err(Problem::too_many_attempts((ms / 1000 + 1).max(1))),
            None => Ok(()),
        }
    }
}

/// In one statement: first the pair and the address, each locked in order,
/// then the account, unless the others are exceeded; so an address that is
/// refused anyway uses up nothing of the account. Always in that order, so
/// that two sign-ins never wait for each other in a circle. Windows that
/// ended a day ago go.
fn count_sql() -> String {
    format!(
        "
    with ended as (
        delete from auth_throttle
        where key in (
            select key
            from auth_throttle
            where window_ends_at < now() - interval '1 day'
            and key <> all ($1 || $4)
            limit 10
            for update skip locked
        )
    ), narrow as (
        insert into auth_throttle (key, hits, window_ends_at)
        select key, 1, now() + make_interval(secs => seconds)
        from unnest($1::text[], $2::int[]) as limits (key, seconds)
        order by key
        {AGAIN}
    ), account as (
        insert into auth_throttle (key, hits, window_ends_at)
        select key, 1, now() + make_interval(secs => seconds)
        from unnest($4::text[], $5::int[]) as limits (key, seconds)
        where not exists (
            select
            from narrow
            join unnest($1::text[], $3::int[]) as limits (key, hits) using (key)
            where narrow.hits > limits.hits
        )
        {AGAIN}
    )
    select key, hits, window_ends_at
    from narrow
    union all
    select key, hits, window_ends_at
    from account"
    )
}

fn keys(limits: &[Limit]) -> Vec<&str> {
    limits.iter().map(|limit| limit.key.as_str()).collect()
}

fn read(row: &Row) -> Result<(String, i32), Failure> {
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// On loopback everybody comes from the same address: the emulator's.
fn of_address(kind: &str, address: IpAddr) -> Option<Limit> {
    let key = hash(kind, &[&network(address)]);
    (!address.to_canonical().is_loopback()).then(|| limit(key, 60, 15 * MINUTE))
}

/// Who is behind an address: with IPv6 a customer has a /64 at the least, and
/// all addresses in it (RFC 6177).
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
    }
}

fn limit(key: String, hits: i32, seconds: i32) -> Limit {
    Limit { key, hits, seconds }
}

/// Neither e-mail addresses nor IP addresses are stored.
fn hash(kind: &str, parts: &[&str]) -> String {
    let text = format!("{kind}\0{}", parts.join("\0"));
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}
