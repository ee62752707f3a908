//! The keys that verify tokens: how long they stay and when they are asked
//! for again.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

use super::key::{Key, KeysById};
use super::key_sources::{BetterAuth, StoredKeys};
use super::verified::VerifiedTokens;
use crate::config::{Config, RefusalAnswers};
use crate::database::{Database, Failure};
use crate::invocation;
use crate::problem::Problem;

/// Wall-clock time, because the monotonic clock may stand still while Lambda
/// has the environment frozen.
const FRESH_FOR: Duration = Duration::from_secs(10 * 60);

/// Keys of a source that fails are better than none, for a day.
const STALE_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// An unknown key id asks the sources again, but no oftener than this: the id
/// comes from whoever sends a token. Sooner where a source has no key at all,
/// because its first one is made with its first token.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(30);
const ASK_AGAIN_WHEN_EMPTY: Duration = Duration::from_secs(1);

/// The keys of all issuers, kept between requests.
pub(crate) struct Keys {
    built_in_issuer: String,
    better_auth: Option<BetterAuth>,
    known: Mutex<Known>,
    verified: VerifiedTokens,
    answers: RefusalAnswers,
}

#[derive(Default)]
struct Known {
    built_in: SourceKeys,
    better_auth: SourceKeys,
    read_at: Option<SystemTime>,
    /// When a token made us ask. Reading ahead of the first request does not
    /// count: the first token of all may come right after it.
    asked_at: Option<SystemTime>,
}

/// The last answer of one source.
#[derive(Default)]
struct SourceKeys {
    keys: KeysById,
    at: Option<SystemTime>,
}

impl Keys {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            built_in_issuer: config.token_issuer.clone(),
            better_auth: config.better_auth.clone().map(BetterAuth::new),
            known: Mutex::default(),
            verified: VerifiedTokens::default(),
            answers: config.refusal_answers,
        }
    }

    /// The tokens that these keys have verified.
    pub(super) fn verified(&self) -> &VerifiedTokens {
        &self.verified
    }

    /// The sentence for clients about refused tokens.
    pub(super) fn answers(&self) -> RefusalAnswers {
        self.answers
    }

    /// The key with this id, if any issuer has one.
    ///
    /// # Errors
    /// 503 when it may belong to a source that has not answered: then nobody
    /// knows whether the token is good.
    pub(super) async fn find(
        &self,
        kid: &str,
        database: &Database,
    ) -> Result<Option<Arc<Key>>, Problem> {
        let mut known = self.known.lock().await;
        let mut asked = Ok(());
        let now = SystemTime::now();
        if known.should_ask_for(kid, self.lacks_keys(&known), now) {
            known.asked_at = Some(now);
            asked = self.read(database, &mut known).await;
        }
        match (known.key(kid), asked) {
            (Some(key), _) => Ok(Some(key)),
            (None, Ok(())) if self.has_answers(&known) => Ok(None),
            (None, Ok(())) => Err(Problem::keys_unavailable()),
            (None, Err(failure)) => Err(failure.into()),
        }
    }

    /// Reads all keys ahead of the first request.
    ///
    /// # Errors
    /// As the database fails.
    pub(crate) async fn warm_up(&self, database: &Database) -> Result<(), Failure> {
        self.read(database, &mut *self.known.lock().await).await
    }

    /// Reads all sources; the last answer of one that fails is kept.
    async fn read(&self, database: &Database, known: &mut Known) -> Result<(), Failure> {
        let now = SystemTime::now();
        known.read_at = Some(now);
        let stored = match StoredKeys::read(database, self.better_auth.as_ref()).await {
            Ok(stored) => stored,
            Err(failure) => {
                known.better_auth.drop_if_old(now);
                return known.built_in.renew(Err(failure), now);
            }
        };
        let built_in = stored.built_in(&self.built_in_issuer);
        known.built_in.renew(Ok(built_in), now)?;
        match &self.better_auth {
            Some(source) => known.better_auth.renew(source.keys(&stored).await, now),
            None => Ok(()),
        }
    }

    /// Whether the first key may be made at any moment, with the first token.
    /// Where Better Auth signs people up, there may never be a built-in one.
    fn lacks_keys(&self, known: &Known) -> bool {
        match self.better_auth {
            Some(_) => known.better_auth.keys.is_empty(),
            None => known.built_in.keys.is_empty(),
        }
    }

    fn has_answers(&self, known: &Known) -> bool {
        known.built_in.at.is_some()
            && (self.better_auth.is_none() || known.better_auth.at.is_some())
    }
}

impl Known {
    /// Our own keys come first: a row in Better Auth's table cannot take the
    /// place of one.
    fn key(&self, kid: &str) -> Option<Arc<Key>> {
        let answers = [&self.built_in, &self.better_auth];
        answers.into_iter().find_map(|it| it.keys.get(kid)).cloned()
    }

    fn should_ask_for(&self, kid: &str, keys_are_lacking: bool, now: SystemTime) -> bool {
        let is_known = self.key(kid).is_some();
        if is_known && is_within(FRESH_FOR, self.read_at, now) {
            return false;
        }
        let pause = if keys_are_lacking && !is_known {
            ASK_AGAIN_WHEN_EMPTY
        } else {
            ASK_AGAIN_AFTER
        };
        !is_within(pause, self.asked_at, now)
    }
}

impl SourceKeys {
    fn renew(&mut self, answer: Result<KeysById, Failure>, now: SystemTime) -> Result<(), Failure> {
        match answer {
            Ok(keys) => {
                self.keys = keys;
                self.at = Some(now);
                Ok(())
            }
            Err(failure) if is_within(STALE_FOR, self.at, now) => {
                tracing::warn!(
                    request_id = invocation::request_id(),
                    ?failure,
                    "keys could not be refreshed; the old ones stay"
                );
                Ok(())
            }
            Err(failure) => {
                *self = Self::default();
                Err(failure)
            }
        }
    }

    fn drop_if_old(&mut self, now: SystemTime) {
        if !is_within(STALE_FOR, self.at, now) {
            *self = Self::default();
        }
    }
}

/// Whether `then` is at most `limit` before `now`. A clock that was set back
/// counts as no.
fn is_within(limit: Duration, then: Option<SystemTime>, now: SystemTime) -> bool {
    then.and_then(|then| now.duration_since(then).ok())
        .is_some_and(|age| age < limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JWK: &str =
        r#"{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    fn known(asked_seconds_ago: u64, kids: &[&str], now: SystemTime) -> Known {
        let at = Some(now - Duration::from_secs(asked_seconds_ago));
        let key = |kid: &&str| {
            let key = Key::parse(JWK, None, "https://todo.example.com").expect("RFC 8037 has it");
            ((*kid).to_owned(), Arc::new(key))
        };
        Known {
            built_in: SourceKeys {
                keys: kids.iter().map(key).collect(),
                at,
            },
            better_auth: SourceKeys {
                keys: kids.iter().map(key).collect(),
                at,
            },
            read_at: at,
            asked_at: at,
        }
    }

    #[test]
    fn a_known_key_is_asked_for_again_after_ten_minutes() {
        let now = SystemTime::now();
        assert!(!known(599, &["a"], now).should_ask_for("a", false, now));
        assert!(known(601, &["a"], now).should_ask_for("a", false, now));
    }

    #[test]
    fn unknown_ids_ask_once_in_thirty_seconds() {
        let now = SystemTime::now();
        assert!(!known(29, &["a"], now).should_ask_for("b", false, now));
        assert!(known(31, &["a"], now).should_ask_for("b", false, now));
        assert!(known(2, &[], now).should_ask_for("b", true, now));
        assert!(Known::default().should_ask_for("b", false, now));
        let read_ahead = Known {
            asked_at: None,
            ..known(0, &["a"], now)
        };
        assert!(read_ahead.should_ask_for("b", false, now));
    }

    #[test]
    fn a_source_that_fails_keeps_its_keys_for_a_day() {
        let now = SystemTime::now();
        let fails = || Err(Failure::Unavailable("away".into()));
        let mut young = known(60, &["a"], now).built_in;
        assert!(young.renew(fails(), now).is_ok());
        assert!(young.keys.contains_key("a"));
        let mut old = known(25 * 60 * 60, &["a"], now).built_in;
        assert!(old.renew(fails(), now).is_err());
        assert!(old.keys.is_empty());
    }
}
