//! Tokens that this environment has verified before: a client sends the same
//! one for 15 minutes, and its signature is most of a warm request's work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ring::digest::{SHA256, digest};

use super::key::Key;
use crate::model::UserId;

/// Some 200 KB at most.
const MAX_TOKENS: usize = 1000;

/// The tokens, by their hashes.
#[derive(Default)]
pub(super) struct VerifiedTokens {
    tokens: Mutex<HashMap<Hash, Verified>>,
}

type Hash = [u8; 32];

struct Verified {
    user: UserId,
    /// The very key that verified it: one that was read anew verifies anew.
    key: Arc<Key>,
    /// Seconds since 1970.
    expires_at: f64,
}

impl VerifiedTokens {
    /// Whose token this is, if this key has verified it and it is still good.
    pub(super) fn find(&self, token: &str, key: &Arc<Key>, now: f64) -> Option<UserId> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let verified = tokens.get(&hash(token))?;
        let is_good = Arc::ptr_eq(&verified.key, key) && now < verified.expires_at;
        is_good.then(|| verified.user.clone())
    }

    /// Notes that `key` has verified this token.
    pub(super) fn remember(&self, token: &str, user: &UserId, key: &Arc<Key>, expires_at: f64) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_TOKENS {
            tokens.clear();
        }
        let verified = Verified {
            user: user.clone(),
            key: Arc::clone(key),
            expires_at,
        };
        tokens.insert(hash(token), verified);
    }
}

fn hash(token: &str) -> Hash {
    let mut hash = Hash::default();
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_until_it_expires_and_by_its_own_key() {
        let jwk = r#"{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let key = || Arc::new(Key::parse(jwk, None, "issuer").expect("RFC 8037 has it"));
        let (one, other) = (key(), key());
        let user = UserId::random();
        let tokens = VerifiedTokens::default();
        tokens.remember("token", &user, &one, 100.0);

        assert_eq!(tokens.find("token", &one, 99.0), Some(user));
        assert_eq!(tokens.find("token", &one, 100.0), None);
        assert_eq!(tokens.find("token", &other, 99.0), None);
        assert_eq!(tokens.find("tokem", &one, 99.0), None);
    }

    #[test]
    fn no_more_tokens_are_kept_than_have_room() {
        let tokens = VerifiedTokens::default();
        let jwk = r#"{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let key = Arc::new(Key::parse(jwk, None, "issuer").expect("RFC 8037 has it"));
        for number in 0..=MAX_TOKENS {
            tokens.remember(&number.to_string(), &UserId::random(), &key, 100.0);
        }
        let kept = tokens.tokens.lock().expect("nobody panics").len();
        assert!(kept <= MAX_TOKENS, "{kept}");
    }
}
