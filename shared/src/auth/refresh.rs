//! Refresh tokens: opaque, stored as hashes, each good for one use
//! (RFC 9700 section 4.14.2).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use utoipa::ToSchema;
use uuid::Uuid;

use super::user::UserId;
use crate::database::{Failure, Statement};
use crate::fields::{Fields, FromFields, boolean, text};
use crate::problem::Problem;

/// Comes first in every flight that makes or ends refresh tokens, so that one
/// waits for the other: a statement sees what was committed before it began,
/// so revocation finds the tokens that were being made.
const LOCK_USER: &str = r#"
    select
    from "user"
    where id = $1
    for no key update"#;

const LOCK_USER_OF_TOKEN: &str = r#"
    select
    from "user"
    where id = (
        select user_id
        from auth_refresh
        where token_hash = $1
    )
    for no key update"#;

/// 30 days from refresh to refresh, 90 days from sign-in to sign-in, and only
/// while the password is still the one that was verified. What has ended of
/// this user goes.
const ISSUE: &str = "
    with ended as (
        delete from auth_refresh
        where user_id = $1
        and expires_at < now() - interval '1 day'
    )
    insert into auth_refresh (user_id, id, family, token_hash, expires_at, family_expires_at)
    select $1, $2, $2, $3, now() + interval '30 days', now() + interval '90 days'
    where $4::text is null
    or exists (
        select
        from account
        where \"userId\" = $1
        and \"providerId\" = 'credential'
        and password = $4
    )
    on conflict (id) do update
    set id = excluded.id
    returning id";

/// The lock makes one of two simultaneous uses the first. The second one is
/// refused; within 10 seconds that is taken for a double click, later for
/// theft, and the whole family ends. A flight that is repeated, because its
/// answer was lost, finds the token that it has made before.
const ROTATE: &str = r#"
    with presented as (
        select id, family, user_id, family_expires_at, used_at, revoked_at, expires_at
        from auth_refresh
        where token_hash = $1
        for update
    ), used as (
        update auth_refresh
        set used_at = now()
        from presented
        where auth_refresh.id = presented.id
        and presented.used_at is null
        and presented.revoked_at is null
        and presented.expires_at > now()
        and identify(presented.user_id)
        returning presented.family, presented.user_id, presented.family_expires_at
    ), next as (
        insert into auth_refresh (user_id, id, family, token_hash, expires_at, family_expires_at)
        select user_id, $2, family, $3, least(now() + interval '30 days', family_expires_at), family_expires_at
        from used
        returning user_id
    ), ended as (
        update auth_refresh
        set revoked_at = now()
        from presented
        where auth_refresh.family = presented.family
        and presented.used_at < now() - interval '10 seconds'
        and auth_refresh.revoked_at is null
        returning auth_refresh.id
    )
    select "user".id, "user".name, "user".email, "user"."createdAt", (select count(*) from ended)
    from presented
    left join next on true
    left join auth_refresh as made_before on made_before.id = $2
    left join "user" on "user".id = coalesce(next.user_id, made_before.user_id)"#;

const END: &str = "
    update auth_refresh
    set revoked_at = now()
    where family = (
        select family
        from auth_refresh
        where token_hash = $1
    )
    and revoked_at is null";

/// The sign-ins of the user whose sign-in goes on: a token of one that has
/// ended is worth nothing any more.
const END_ALL_OF_TOKEN: &str = "
    update auth_refresh
    set revoked_at = now()
    where user_id = (
        select user_id
        from auth_refresh
        where token_hash = $1
        and revoked_at is null
        and family_expires_at > now()
    )
    and revoked_at is null";

const END_ALL: &str = "
    update auth_refresh
    set revoked_at = now()
    where user_id = $1
    and revoked_at is null
    and exists (
        select
        from account
        where \"userId\" = $1
        and \"providerId\" = 'credential'
        and password = $2
    )";

/// A family that can still be refreshed.
const FIND_SIGN_INS: &str = "
    select min(created_at), min(family_expires_at)
    from auth_refresh
    where user_id = $1
    and revoked_at is null
    group by family
    having max(expires_at) > now()";

/// The body of a refresh.
pub struct Refresh {
    hash: Hash,
}

/// The body of a logout.
pub struct Logout {
    presented: Refresh,
    /// `everywhere`: not only on this device.
    is_everywhere: bool,
}

impl FromFields for Refresh {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let token = fields.required("refresh_token", |value| text(value).map(Hash::of));
        Some(Self { hash: token? })
    }
}

impl FromFields for Logout {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let presented = Refresh::from_fields(fields);
        let is_everywhere = fields.optional("everywhere", boolean);
        Some(Self {
            presented: presented?,
            is_everywhere: is_everywhere?.unwrap_or(false),
        })
    }
}

/// A token that is about to be handed out: 256 random bits.
///
/// It has no `Debug`.
pub(super) struct RefreshToken {
    id: Uuid,
    text: String,
}

/// A device that is signed in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignIn {
    signed_in_at: DateTime<Utc>,
    /// When it has to sign in again at the latest.
    expires_at: DateTime<Utc>,
}

/// What is stored of a token. Of so many random bits a plain hash will do.
struct Hash(Vec<u8>);

impl Hash {
    fn of(token: &str) -> Self {
        Self(digest(&SHA256, token.as_bytes()).as_ref().to_vec())
    }
}

impl RefreshToken {
    /// # Errors
    /// When the system has no random numbers.
    pub(super) fn random() -> Result<Self, Problem> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(Problem::internal)?;
        Ok(Self {
            id: Uuid::now_v7(),
            text: BASE64_URL_SAFE_NO_PAD.encode(bytes),
        })
    }

    /// The first token of a new family, for whoever has proved to know the
    /// password behind `verified`. No row comes back when it was changed
    /// since.
    pub(super) fn issue<'a>(&self, user: &'a UserId, verified: Option<&'a str>) -> Statement<'a> {
        Statement::new(ISSUE)
            .bind(user.as_str(), Type::TEXT)
            .bind(self.id, Type::UUID)
            .bind(Hash::of(&self.text).0, Type::BYTEA)
            .bind(verified, Type::TEXT)
    }

    /// Takes the place of the one that was presented. The row that comes back
    /// has the user, or nulls when the token was not good; no row comes back
    /// when there is no such token.
    pub(super) fn rotate<'a>(&self, presented: &'a Refresh) -> Statement<'a> {
        Statement::new(ROTATE)
            .bind(presented.hash.0.as_slice(), Type::BYTEA)
            .bind(self.id, Type::UUID)
            .bind(Hash::of(&self.text).0, Type::BYTEA)
    }

    /// What the client gets.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// Makes the flight wait for others that make or end tokens of `user`.
pub(super) fn lock(user: &UserId) -> Statement<'_> {
    Statement::new(LOCK_USER).bind(user.as_str(), Type::TEXT)
}

/// The same for the user of the presented token.
pub(super) fn lock_user_of(presented: &Refresh) -> Statement<'_> {
    Statement::new(LOCK_USER_OF_TOKEN).bind(presented.hash.0.as_slice(), Type::BYTEA)
}

/// What a logout does: the second statement ends what it is about.
pub(crate) fn end_sessions(logout: &Logout) -> [Statement<'_>; 2] {
    let end = match logout.is_everywhere {
        true => END_ALL_OF_TOKEN,
        false => END,
    };
    let end = Statement::new(end).bind(logout.presented.hash.0.as_slice(), Type::BYTEA);
    [lock_user_of(&logout.presented), end]
}

/// Ends every sign-in of `user`, if `password` is the stored hash by now.
pub(super) fn end_all<'a>(user: &'a UserId, password: &'a str) -> Statement<'a> {
    Statement::new(END_ALL)
        .bind(user.as_str(), Type::TEXT)
        .bind(password, Type::TEXT)
}

/// Where `user` is signed in, in no order, since a flight in the order of an
/// index sorts nothing; see [`read_sign_ins`].
pub(crate) fn find_sign_ins(user: &UserId) -> Statement<'_> {
    Statement::new(FIND_SIGN_INS).bind(user.as_str(), Type::TEXT)
}

/// The first one first.
pub(crate) fn read_sign_ins(rows: &[Row]) -> Result<Vec<SignIn>, Failure> {
    let read = |row: &Row| {
        Ok(SignIn {
            signed_in_at: row.try_get(0)?,
            expires_at: row.try_get(1)?,
        })
    };
    let mut sign_ins = rows.iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
    sign_ins.sort_by_key(|sign_in| sign_in.signed_in_at);
    Ok(sign_ins)
}
