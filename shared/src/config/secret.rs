//! The secrets that others are derived from.

use ring::hkdf::{HKDF_SHA256, Salt};

use super::{ConfigError, environment, required};

/// The secret that the signing key and a login are derived from: at least 32
/// bytes, as HMAC-SHA-256 has (RFC 7518 section 3.2 asks as much of a key for
/// it).
pub(crate) fn auth_secret() -> Result<String, ConfigError> {
    long_secret("AUTH_SECRET")
}

/// A secret of 32 bytes or more.
pub(super) fn long_secret(name: &str) -> Result<String, ConfigError> {
    let secret = required(&environment, name)?;
    if secret.len() < 32 {
        return Err(ConfigError::new(
            name,
            "is too short; give it 32 random bytes or more, for example from `openssl rand -hex 32`.",
        ));
    }
    Ok(secret)
}

/// 32 bytes for one purpose from AUTH_SECRET, by HKDF (RFC 5869).
pub(crate) fn derive(auth_secret: &str, purpose: &str) -> Result<[u8; 32], ConfigError> {
    let mut derived = [0; 32];
    Salt::new(HKDF_SHA256, b"todo-auth/v1")
        .extract(auth_secret.as_bytes())
        .expand(&[purpose.as_bytes()], HKDF_SHA256)
        .and_then(|key| key.fill(&mut derived))
        .map_err(|_| ConfigError::new("AUTH_SECRET", "does not give a key; choose another."))?;
    Ok(derived)
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
