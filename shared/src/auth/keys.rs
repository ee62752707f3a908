//! The keys that verify tokens: where they come from and how long they stay.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use tokio::sync::Mutex;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use crate::config::Config;
use crate::database::{Access, Database, Failure, Flight, Statement};
use crate::problem::Problem;

/// Wall-clock time, because the monotonic clock may stand still while Lambda
/// has the environment frozen.
const FRESH_FOR: Duration = Duration::from_secs(10 * 60);

/// An unknown key id asks the database again, but no oftener than this: the
/// id comes from whoever sends a token. With no key at all, sooner.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(30);
const ASK_AGAIN_WHEN_EMPTY: Duration = Duration::from_secs(1);

/// Clocks may differ by this much; the crate's default is a minute.
const LEEWAY_SECONDS: u64 = 5;

const OUR_KEYS: &str = "
    select kid, public_jwk, null as alg
    from auth_signing_key
    where retired_at is null or retired_at > now()";

/// Better Auth never deletes a rotated key and publishes it for 30 days more.
/// The table's private keys are not even granted to us.
const BETTER_AUTH_KEYS: &str = r#"
    select id, "publicKey", alg
    from jwks
    where "expiresAt" is null or "expiresAt" + interval '30 days' > now()"#;

/// Better Auth 1.4 has no column for the algorithm.
const BETTER_AUTH_1_4_KEYS: &str = r#"
    select id, "publicKey", null as alg
    from jwks
    where "expiresAt" is null or "expiresAt" + interval '30 days' > now()"#;

/// A key bound to the one algorithm, issuer and audience that it may verify.
pub(crate) struct Key {
    pub(super) decoding: DecodingKey,
    pub(super) validation: Validation,
}

/// The keys of all issuers, kept between requests.
pub(crate) struct Keys {
    built_in_issuer: String,
    better_auth_issuer: Option<String>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: HashMap<String, Arc<Key>>,
    asked_at: Option<SystemTime>,
    answered_at: Option<SystemTime>,
}

impl Keys {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            built_in_issuer: config.api_base_url.clone(),
            better_auth_issuer: config.auth_origin.clone(),
            known: Mutex::default(),
        }
    }

    /// The key with this id, if any issuer has one.
    ///
    /// # Errors
    /// 503 when the database has never told any keys: then nobody knows
    /// whether the token is good.
    pub(super) async fn find(
        &self,
        kid: &str,
        database: &Database,
    ) -> Result<Option<Arc<Key>>, Problem> {
        let mut known = self.known.lock().await;
        if known.should_ask_for(kid, SystemTime::now()) {
            let answer = self.ask(database, &mut known).await;
            match answer {
                // Old keys are better than none; they are asked for again.
                Err(failure) if known.answered_at.is_some() => {
                    tracing::warn!(?failure, "the keys could not be refreshed");
                }
                Err(failure) => return Err(failure.into()),
                Ok(()) => {}
            }
        }
        Ok(known.keys.get(kid).cloned())
    }

    /// Reads all keys ahead of the first request.
    ///
    /// # Errors
    /// As the database fails.
    pub(crate) async fn warm_up(&self, database: &Database) -> Result<(), Failure> {
        self.ask(database, &mut *self.known.lock().await).await
    }

    async fn ask(&self, database: &Database, known: &mut Known) -> Result<(), Failure> {
        known.asked_at = Some(SystemTime::now());
        let mut keys = HashMap::new();
        if let Some(issuer) = &self.better_auth_issuer {
            for row in better_auth_rows(database).await? {
                keys.extend(read_key(&row, issuer)?);
            }
        }
        // Ours come last and win: a row in Better Auth's table can not take
        // the place of a key of ours.
        let flight = Flight::of_sign_in(Access::Read);
        let [rows] = database.fly(&flight, [Statement::new(OUR_KEYS)]).await?;
        for row in rows {
            keys.extend(read_key(&row, &self.built_in_issuer)?);
        }
        known.keys = keys;
        known.answered_at = Some(SystemTime::now());
        Ok(())
    }
}

impl Known {
    fn should_ask_for(&self, kid: &str, now: SystemTime) -> bool {
        let fresh = is_within(FRESH_FOR, self.answered_at, now);
        if fresh && self.keys.contains_key(kid) {
            return false;
        }
        let pause = if self.keys.is_empty() {
            ASK_AGAIN_WHEN_EMPTY
        } else {
            ASK_AGAIN_AFTER
        };
        !is_within(pause, self.asked_at, now)
    }
}

/// Whether `then` is at most `limit` before `now`. A clock that was set back
/// counts as no.
fn is_within(limit: Duration, then: Option<SystemTime>, now: SystemTime) -> bool {
    then.and_then(|then| now.duration_since(then).ok())
        .is_some_and(|age| age < limit)
}

/// The rows of Better Auth's table; none when the table or our right to read
/// it is not there (yet).
async fn better_auth_rows(database: &Database) -> Result<Vec<Row>, Failure> {
    let flight = Flight::of_sign_in(Access::Read);
    for sql in [BETTER_AUTH_KEYS, BETTER_AUTH_1_4_KEYS] {
        match database.fly(&flight, [Statement::new(sql)]).await {
            Ok([rows]) => return Ok(rows),
            Err(Failure::Refused(refusal)) if refusal.state == SqlState::UNDEFINED_COLUMN => {}
            Err(Failure::Refused(refusal)) if refusal.state == SqlState::UNDEFINED_TABLE => break,
            Err(Failure::Refused(refusal)) if refusal.state == SqlState::INSUFFICIENT_PRIVILEGE => {
                tracing::warn!(
                    "the right to read Better Auth's keys is missing; run migrate again"
                );
                break;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(Vec::new())
}

/// The key of one row, unless it is of a kind that is not used here. Each
/// row is read by itself, so that a strange one does not take others down.
fn read_key(row: &Row, issuer: &str) -> Result<Option<(String, Arc<Key>)>, Failure> {
    let kid: String = row.try_get(0)?;
    let jwk: String = row.try_get(1)?;
    let algorithm: Option<String> = row.try_get(2)?;
    let key = parse_key(&jwk, algorithm.as_deref(), issuer);
    if key.is_none() {
        tracing::warn!(kid, "a key is skipped: its kind is not supported");
    }
    Ok(key.map(|key| (kid, Arc::new(key))))
}

/// The algorithm comes from the key: its curve, or for RSA the `alg` stored
/// with it.
fn parse_key(jwk: &str, stored_algorithm: Option<&str>, issuer: &str) -> Option<Key> {
    let jwk: Jwk = serde_json::from_str(jwk).ok()?;
    if !matches!(
        jwk.common.public_key_use,
        None | Some(PublicKeyUse::Signature)
    ) {
        return None;
    }
    let stored = match stored_algorithm {
        Some(name) => Some(name.parse::<KeyAlgorithm>().ok()?),
        None => jwk.common.key_algorithm,
    };
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Algorithm::EdDSA
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Algorithm::ES256
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => {
            Algorithm::ES384
        }
        AlgorithmParameters::RSA(_) if stored == Some(KeyAlgorithm::PS256) => Algorithm::PS256,
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return None,
    };
    if stored.is_some_and(|stored| stored != KeyAlgorithm::from(algorithm)) {
        return None;
    }
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY_SECONDS;
    validation.validate_nbf = true;
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    Some(Key {
        decoding: DecodingKey::from_jwk(&jwk).ok()?,
        validation,
    })
}
