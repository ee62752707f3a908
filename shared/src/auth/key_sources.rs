//! Where keys come from: our own table, Better Auth's table in the same
//! database, and Better Auth's server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, StatusCode, Uri};
use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::Row;

use super::key::{Key, KeysById};
use crate::config::{BetterAuthConfig, JwksSource};
use crate::database::{Call, Database, Failure, only_row};
use crate::https::HttpsClient;
use crate::invocation;

/// The time that the server has.
const FETCH_LIMIT: Duration = Duration::from_secs(2);

/// The keys that the database has.
pub(super) struct StoredKeys {
    /// The public keys of the built-in tokens, as JSON Web Keys by their ids.
    pub(super) built_in: BTreeMap<String, String>,
    /// The rows of Better Auth's table; `None` when the table, or our right to
    /// read it, is not there (yet).
    better_auth: Option<Vec<Row>>,
}

impl StoredKeys {
    /// Reads the built-in keys, and Better Auth's where it has a reader.
    pub(super) async fn read(
        database: &Database,
        better_auth: Option<&BetterAuth>,
    ) -> Result<Self, Failure> {
        let is_read = better_auth.is_some_and(|it| it.config.source != JwksSource::Http);
        let read = Call::reading("verification_keys").with(is_read);
        let mut rows = database.call(&read).await?;
        let table: String = only_row(&rows)?.try_get(0)?;
        let mut built_in = BTreeMap::new();
        let mut stored = Vec::new();
        for row in rows.drain(1..) {
            match row.try_get::<_, Option<String>>(0)? {
                Some(_) => stored.push(row),
                None => {
                    built_in.insert(row.try_get(1)?, row.try_get(2)?);
                }
            }
        }
        if is_read && table == "denied" {
            tracing::warn!(
                request_id = invocation::request_id(),
                "the right to read Better Auth's keys is missing: run migrate again"
            );
        }
        Ok(Self {
            built_in,
            better_auth: (table == "readable").then_some(stored),
        })
    }

    /// The keys of the built-in tokens.
    pub(super) fn built_in(&self, issuer: &str) -> KeysById {
        let read = |(kid, jwk): (&String, &String)| read_key(kid, jwk, None, issuer);
        self.built_in.iter().filter_map(read).collect()
    }
}

/// Better Auth, of which this service is a reader.
pub(super) struct BetterAuth {
    config: BetterAuthConfig,
}

impl BetterAuth {
    pub(super) fn new(config: BetterAuthConfig) -> Self {
        Self { config }
    }

    /// Its keys, from its table where that can be read, else from its server.
    ///
    /// # Errors
    /// When the source does not answer.
    pub(super) async fn keys(&self, stored: &StoredKeys) -> Result<KeysById, Failure> {
        match (self.config.source, &stored.better_auth) {
            (JwksSource::Http, _) | (JwksSource::Auto, None) => self.fetch().await,
            (JwksSource::Database, None) => Ok(KeysById::new()),
            (JwksSource::Auto | JwksSource::Database, Some(rows)) => {
                read_keys(rows, &self.config.issuer)
            }
        }
    }

    /// A set without a key that can be used is a failure, too: that is what
    /// a server says that is not set up yet.
    async fn fetch(&self) -> Result<KeysById, Failure> {
        let failed = |cause: String| Failure::Unavailable(format!("Better Auth's server: {cause}"));
        let body = tokio::time::timeout(FETCH_LIMIT, get(&self.config.jwks_url))
            .await
            .map_err(|_| failed(format!("no answer within {} s", FETCH_LIMIT.as_secs())))?
            .map_err(failed)?;
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

fn read_keys(rows: &[Row], issuer: &str) -> Result<KeysById, Failure> {
    let mut keys = KeysById::new();
    for row in rows {
        let (kid, jwk): (String, String) = (row.try_get(1)?, row.try_get(2)?);
        let algorithm: Option<String> = row.try_get(3)?;
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

/// The body behind `url`.
async fn get(url: &Uri) -> Result<Bytes, String> {
    let request = Request::get(url).body(Full::default());
    let request = request.map_err(|error| error.to_string())?;
    let answer = HttpsClient::new().send(request).await?;
    match answer.status() {
        StatusCode::OK => Ok(answer.into_body()),
        status => Err(format!("status {status}")),
    }
}
