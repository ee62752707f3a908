//! The sign-in throttle: how often a password may be tried.
//!
//! Counted in the database, because every environment of Lambda would count
//! for itself. Nobody is locked out for being attacked: whoever has signed in
//! from an address before is spared the limit on the account.

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use tokio_postgres::Row;

use super::credentials::Email;
use crate::database::{Call, Failure};
use crate::model::UserId;
use crate::problem::Problem;

const MINUTE: i32 = 60;
const DAY: i32 = 24 * 60 * MINUTE;

/// Who tries what, as hashes.
#[derive(Default)]
pub(super) struct Attempt {
    /// Limits per caller.
    narrow: Vec<Limit>,
    /// Limits per account, from which a familiar pair is spared.
    account: Vec<Limit>,
    /// The count that a success sets back to zero.
    pair: Option<String>,
    /// The pair that a success makes familiar.
    familiar: Option<String>,
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
        let pair = hash("pair", &[email.as_str(), &network(address)]);
        let mut narrow = vec![limit(pair.clone(), 10, 15 * MINUTE)];
        narrow.extend(of_address("sign-in", address));
        Self {
            narrow,
            account: vec![limit(hash("email", &[email.as_str()]), 100, DAY)],
            pair: Some(pair),
            familiar: Some(familiar(email, address)),
        }
    }

    /// A new account from `address`: 60 in 15 minutes, made or not.
    pub(super) fn to_register(email: &Email, address: IpAddr) -> Self {
        Self {
            familiar: Some(familiar(email, address)),
            ..Self::per_address("register", address)
        }
    }

    /// A refresh token from `address` that is not good: 60 in 15 minutes.
    /// Good ones are not counted.
    pub(super) fn to_refresh(address: IpAddr) -> Self {
        Self::per_address("refresh", address)
    }

    /// A link for a forgotten password of `email`, asked for from `address`: 3
    /// in 15 minutes for the pair, 60 in 15 minutes for the address, and 10 in
    /// a day for the e-mail address, so that nobody's mailbox is flooded.
    pub(super) fn to_ask_for_a_link(email: &Email, address: IpAddr) -> Self {
        let pair = hash("link-pair", &[email.as_str(), &network(address)]);
        let mut narrow = vec![limit(pair, 3, 15 * MINUTE)];
        narrow.extend(of_address("link", address));
        Self {
            narrow,
            account: vec![limit(hash("link-email", &[email.as_str()]), 10, DAY)],
            familiar: Some(familiar(email, address)),
            ..Self::default()
        }
    }

    /// A token for a new password from `address` that is not good: 60 in 15
    /// minutes. Good ones are not counted.
    pub(super) fn to_reset(address: IpAddr) -> Self {
        Self::per_address("reset", address)
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

    /// 60 in 15 minutes for the address, and no other limit.
    fn per_address(kind: &str, address: IpAddr) -> Self {
        Self {
            narrow: of_address(kind, address).into_iter().collect(),
            ..Self::default()
        }
    }

    /// Adds the limits per caller to a call that counts the attempt.
    pub(super) fn narrow<'c>(&self, call: Call<'c>) -> Call<'c> {
        with_limits(call, &self.narrow)
    }

    /// Adds the limits of the account.
    pub(super) fn account<'c>(&self, call: Call<'c>) -> Call<'c> {
        with_limits(call, &self.account)
    }

    pub(super) fn narrow_keys(&self) -> Vec<&str> {
        keys(&self.narrow)
    }

    pub(super) fn account_keys(&self) -> Vec<&str> {
        keys(&self.account)
    }

    pub(super) fn pair(&self) -> Option<&str> {
        self.pair.as_deref()
    }

    pub(super) fn familiar(&self) -> Option<&str> {
        self.familiar.as_deref()
    }
}

/// Holds what was counted against the limits: the first column is null, or the
/// seconds until the last exceeded window ends.
///
/// # Errors
/// 429 with these seconds.
pub(super) fn check(counted: &Row) -> Result<(), Problem> {
    let wait_seconds: Option<i32> = counted.try_get(0).map_err(Failure::from)?;
    wait_seconds.map_or(Ok(()), |seconds| Err(Problem::too_many_attempts(seconds)))
}

fn with_limits<'c>(call: Call<'c>, limits: &[Limit]) -> Call<'c> {
    let numbers = |number: fn(&Limit) -> i32| limits.iter().map(number).collect::<Vec<i32>>();
    let keys: Vec<String> = limits.iter().map(|limit| limit.key.clone()).collect();
    call.with(keys)
        .with(numbers(|limit| limit.seconds))
        .with(numbers(|limit| limit.hits))
}

fn keys(limits: &[Limit]) -> Vec<&str> {
    limits.iter().map(|limit| limit.key.as_str()).collect()
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

/// An e-mail address with an address that has signed in with it.
fn familiar(email: &Email, address: IpAddr) -> String {
    hash("familiar", &[email.as_str(), &network(address)])
}

fn limit(key: String, hits: i32, seconds: i32) -> Limit {
    Limit { key, hits, seconds }
}

/// Neither e-mail addresses nor IP addresses are stored.
fn hash(kind: &str, parts: &[&str]) -> String {
    let text = format!("{kind}\0{}", parts.join("\0"));
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}
