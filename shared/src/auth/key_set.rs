//! The public keys of the built-in tokens, for others who verify them.

use serde::Serialize;
use serde_json::Value;

use super::key_sources::StoredKeys;
use crate::database::Database;
use crate::problem::Problem;

/// A JWK set (RFC 7517 section 5).
#[derive(Serialize)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub struct KeySet {
    /// JSON Web Keys; tokens name theirs in `kid`.
    #[cfg_attr(test, schema(value_type = Vec<Object>))]
    keys: Vec<Value>,
}

/// Reads the keys that verify tokens now, in the order of their ids.
///
/// # Errors
/// 503 when the database is away.
pub(crate) async fn public_keys(database: &Database) -> Result<KeySet, Problem> {
    let stored = StoredKeys::read(database, None).await?;
    let parse = |jwk: &String| serde_json::from_str(jwk).map_err(Problem::internal);
    let keys = stored
        .built_in
        .values()
        .map(parse)
        .collect::<Result<_, _>>()?;
    Ok(KeySet { keys })
}

impl KeySet {
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}
