//! Where keys come from: our own table, Better Auth's table in the same
//! database, and Better Auth's server.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::{StatusCode, Uri};
use hyper_tls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use super::key::{Key, KeysById};
use crate::config::{BetterAuthConfig, JwksSource};
use crate::database::{Access, Database, Failure, Flight, Statement};
use crate::invocation;

const OUR_KEYS: &str = "
    select kid, public_jwk
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

/// What the server may take, and how much it may send.
const FETCH_LIMIT: Duration = Duration::from_secs(2);
const MAX_BYTES: usize = 64 * 1024;

/// The public keys of the built-in tokens, as JSON Web Keys by their ids.
pub(super) async fn published_keys(
    database: &Database,
) -> Result<BTreeMap<String, String>, Failure> {
    let rows = rows(database, OUR_KEYS).await?;
    let read = |row: &Row| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(read).collect()
}

/// The keys of the built-in tokens.
pub(super) async fn built_in_keys(database: &Database, issuer: &str) -> Result<KeysById, Failure> {
    let published = published_keys(database).await?;
    let read = |(kid, jwk): (&String, &String)| read_key(kid, jwk, None, issuer);
    Ok(published.iter().filter_map(read).collect())
}

/// Better Auth, of which this service is a reader.
pub(super) struct BetterAuth {
    config: BetterAuthConfig,
}

impl BetterAuth {
    pub(super) fn new(config: BetterAuthConfig) -> Self {
        Self { config }
    }

    /// Its keys, from its table on the request's own connection where that
    /// can be read, else from its server.
    ///
    /// # Errors
    /// When the source does not answer.
    pub(super) async fn keys(&self, database: &Database) -> Result<KeysById, Failure> {
        match self.config.source {
            JwksSource::Http => self.fetch().await,
            JwksSource::Database => Ok(self.read(database).await?.unwrap_or_default()),
            JwksSource::Auto => match self.read(database).await? {
                Some(keys) => Ok(keys),
                None => self.fetch().await,
            },
        }
    }

    /// `None` when the table, or our right to read it, is not there (yet).
    async fn read(&self, database: &Database) -> Result<Option<KeysById>, Failure> {
        for sql in [BETTER_AUTH_KEYS, BETTER_AUTH_1_4_KEYS] {
            let refusal = match rows(database, sql).await {
                Err(Failure::Refused(refusal)) => refusal,
                answer => return read_keys(&answer?, &self.config.issuer).map(Some),
            };
            if refusal.state == SqlState::INSUFFICIENT_PRIVILEGE {
                tracing::warn!(
                    request_id = invocation::request_id(),
                    "the right to read Better Auth's keys is missing: run migrate again"
                );
                return Ok(None);
            }
            if refusal.state == SqlState::UNDEFINED_TABLE {
                return Ok(None);
            }
            if refusal.state != SqlState::UNDEFINED_COLUMN {
                return Err(Failure::Refused(refusal));
            }
        }
        Ok(None)
    }

    /// A set without a key that can be used is a failure, too: that is what
    /// a server says that is not set up yet.
    async fn fetch(&self) -> Result<KeysById, Failure> {
        let failed = |cause: String| Failure::Unavailable(format!("Better Auth's server: {cause}"));
        let body = tokio::time::timeout(FETCH_LIMIT, get(&self.config.jwks_url))
            .await
            .map_err(|_| failed(format!("no answer within {} s", FETCH_LIMIT.as_secs())))?
            .map_err(|cause| failed(innermost(&*cause)))?;
        let set: JwkSet = serde_json::from_slice(&body).map_err(|_| failed("no JWK set".into()))?;
        let keys: KeysById = set
            .keys
            .iter()
            .filter_map(|jwk| {
                let kid = jwk.get("kid")?.as_str()?;
                read_key(kid, &jwk.to_string(), None, &self.config.issuer)
            })
            .collect();
        if keys.is_empty() {
            return Err(failed("no key that can be used".into()));
        }
        Ok(keys)
    }
}

/// Each key by itself, so that a strange one does not take the others down.
#[derive(Deserialize)]
struct JwkSet {
    keys: Vec<Value>,
}

async fn rows(database: &Database, sql: &str) -> Result<Vec<Row>, Failure> {
    let flight = Flight::of_sign_in(Access::Read);
    let [rows] = database.fly(&flight, [Statement::new(sql)]).await?;
    Ok(rows)
}

fn read_keys(rows: &[Row], issuer: &str) -> Result<KeysById, Failure> {
    let mut keys = KeysById::new();
    for row in rows {
        let (kid, jwk): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let algorithm: Option<String> = row.try_get(2)?;
        keys.extend(read_key(&kid, &jwk, algorithm.as_deref(), issuer));
    }
    Ok(keys)
}

fn read_key(
    kid: &str,
    jwk: &str,
    algorithm: Option<&str>,
    issuer: &str,
) -> Option<(String, Arc<Key>)> {
    let key = Key::parse(jwk, algorithm, issuer);
    if key.is_none() {
        tracing::warn!(
            request_id = invocation::request_id(),
            kid,
            "a key is passed over: its kind is not used here"
        );
    }
    Some((kid.to_owned(), Arc::new(key?)))
}

/// What it comes down to: the outer errors only say that connecting failed.
fn innermost(error: &(dyn Error + 'static)) -> String {
    match error.source() {
        Some(source) => innermost(source),
        None => error.to_string(),
    }
}

/// The body behind `url`; a redirect is an error, because it may lead
/// anywhere.
async fn get(url: &Uri) -> Result<Bytes, Box<dyn Error + Send + Sync>> {
    // Built here and not at the start: most services never come here.
    let client: Client<_, Empty<Bytes>> =
        Client::builder(TokioExecutor::new()).build(HttpsConnector::new());
    let response = client.get(url.clone()).await?;
    if response.status() != StatusCode::OK {
        return Err(format!("status {}", response.status()).into());
    }
    let body = Limited::new(response.into_body(), MAX_BYTES)
        .collect()
        .await?;
    Ok(body.to_bytes())
}
