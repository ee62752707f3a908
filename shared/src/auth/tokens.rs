//! Verification of a bearer token (RFC 6750, RFC 7519, RFC 8725).

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{decode, decode_header};
use lambda_http::Request;
use lambda_http::http::header::AUTHORIZATION;
use serde::Deserialize;

use super::key::Key;
use super::keys::Keys;
use super::refusal::Refusal;
use super::user::User;
use crate::database::Database;
use crate::input::path::path_parameter;
use crate::model::UserId;
use crate::problem::Problem;

/// Better Auth's tokens have about 600 bytes; a key id at most 128.
const MAX_TOKEN_BYTES: usize = 8192;
const MAX_KEY_ID_BYTES: usize = 128;

/// The claims that are read; `exp`, `nbf`, `iss` and `aud` are checked
/// against the key they belong to. `String` refuses arrays, numbers and null.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    #[expect(
        dead_code,
        reason = "its type is the check: an array of issuers is refused"
    )]
    iss: String,
}

/// The user whose token `request` bears.
///
/// # Errors
/// 401 without a token and for every bad one, the same for all reasons, which
/// the log has; 503 when no key could be had.
pub(crate) async fn verify(
    request: &Request,
    keys: &Keys,
    database: &Database,
) -> Result<User, Problem> {
    let token = bearer_token(request).ok_or_else(Problem::token_missing)?;
    let refused = |refusal: Refusal| refusal.into_problem(keys.answers());
    let kid = key_id(token).ok_or_else(|| refused(Refusal::Form))?;
    let key = keys.find(&kid, database).await?;
    let key = key.ok_or_else(|| refused(Refusal::UnknownKey))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_err(Problem::internal)?.as_secs_f64();
    let verified = keys.verified();
    if let Some(id) = verified.find(token, &key, now) {
        return Ok(User::verified(id));
    }
    let (id, expires_at) = subject(token, &key).map_err(refused)?;
    verified.remember(token, &id, &key, expires_at);
    Ok(User::verified(id))
}

/// Holds a `{user_id}` in the path against the token's user.
///
/// # Errors
/// 403 when the path names another user.
pub(crate) fn check_path_user(request: &Request, user: &UserId) -> Result<(), Problem> {
    match path_parameter(request, "user_id") {
        Some(id) if id != user.as_str() => Err(Problem::not_yours()),
        _ => Ok(()),
    }
}

/// Whom a token is about that this key has signed, and when it expires.
fn subject(token: &str, key: &Key) -> Result<(UserId, f64), Refusal> {
    let claims = decode::<Claims>(token, &key.decoding, &key.validation)
        .map_err(|error| Refusal::of(error.kind(), token, key))?
        .claims;
    let id = UserId::parse(claims.sub).ok_or(Refusal::Claims)?;
    Ok((id, claims.exp))
}

/// RFC 6750 section 2.1; the scheme's case does not matter (RFC 9110 section
/// 11.1). More than one header is refused: two parties might read different
/// ones.
fn bearer_token(request: &Request) -> Option<&str> {
    let mut values = request.headers().get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let single = values.next().is_none() && scheme.eq_ignore_ascii_case("bearer");
    single.then(|| token.trim())
}

/// The id of the key that is said to have signed, from a header with nothing
/// in it that changes what a signature means.
///
/// The algorithm is read from the key, never from here (RFC 8725 section 3.1).
fn key_id(token: &str) -> Option<String> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let header = decode_header(token).ok()?;
    let known_type = header.typ.as_deref().is_none_or(|typ| {
        ["jwt", "at+jwt"].contains(&typ.to_lowercase().trim_start_matches("application/"))
    });
    let plain = header.crit.is_none()
        && header.enc.is_none()
        && header.zip.is_none()
        && !header.extras.inner().contains_key("b64");
    header
        .kid
        .filter(|kid| known_type && plain && kid.len() <= MAX_KEY_ID_BYTES)
}

#[cfg(test)]
mod fuzz {
    use proptest::prelude::*;

    use super::*;
    use crate::auth::signer::Signer;
    use crate::fuzz::{mutated, mutations_of};

    const ISSUER: &str = "https://todo.example.com";

    fn signer() -> Signer {
        Signer::new("0123456789abcdef0123456789abcdef", ISSUER).expect("it is long enough")
    }

    fn key() -> Key {
        Key::parse(signer().public_jwk(), None, ISSUER).expect("it is a key of ours")
    }

    proptest! {
        #[test]
        fn a_token_of_anybody_is_refused(token in mutated("tokens")) {
            if let Some(kid) = key_id(&token) {
                prop_assert!(kid.len() <= MAX_KEY_ID_BYTES);
            }
            prop_assert!(subject(&token, &key()).is_err());
        }

        #[test]
        fn a_token_of_ours_that_was_changed_is_refused(
            (token, changed) in Just(()).prop_flat_map(|()| {
                let token = signer().access_token(&UserId::random()).expect("it signs");
                (Just(token.clone()), mutations_of(token))
            })
        ) {
            prop_assert_eq!(subject(&changed, &key()).is_ok(), changed == token);
        }
    }
}
