//! The database logins of the functions: each may call the functions of its
//! own endpoints and nothing else.
//!
//! Task functions sign in with DATABASE_URL as it is. For the other two the
//! role and its password follow from a secret, and the role's name from the
//! password: a rotated secret is another login, and the one before goes on
//! working while the last release serves.

use ring::digest::{SHA256, digest};
use ring::hkdf::{HKDF_SHA256, Salt};

use super::{ConfigError, DatabaseUrl, auth_secret, environment, required};

/// PostgreSQL cuts longer names of roles off.
const MAX_ROLE_BYTES: usize = 63;

/// A role that signs in, and its password.
///
/// Without `Debug`, because it holds the password.
pub(crate) struct DatabaseLogin {
    pub(crate) role: String,
    pub(crate) password: String,
    /// The beginning of the names of all logins of this kind.
    pub(crate) prefix: String,
}

impl DatabaseLogin {
    /// The login of the account functions, from ACCOUNTS_PASSWORD.
    ///
    /// # Errors
    /// When it is missing or shorter than 32 bytes.
    pub(crate) fn of_accounts(url: &DatabaseUrl) -> Result<Self, ConfigError> {
        let password = required(&environment, "ACCOUNTS_PASSWORD")?;
        if password.len() < 32 {
            return Err(ConfigError::new(
                "ACCOUNTS_PASSWORD",
                "is too short; give it 32 random bytes or more, for example from `openssl rand -hex 32`.",
            ));
        }
        Self::new(url, "accounts", password)
    }

    /// The login of the sign-in functions, from AUTH_SECRET, by HKDF (RFC
    /// 5869).
    ///
    /// # Errors
    /// When it is missing or shorter than 32 bytes.
    pub(crate) fn of_sign_in(url: &DatabaseUrl) -> Result<Self, ConfigError> {
        let mut password = [0; 32];
        Salt::new(HKDF_SHA256, b"todo-auth/v1")
            .extract(auth_secret()?.as_bytes())
            .expand(&[b"database-login"], HKDF_SHA256)
            .and_then(|key| key.fill(&mut password))
            .map_err(|_| ConfigError::new("AUTH_SECRET", "does not give a key; choose another."))?;
        Self::new(url, "sign_in", hexadecimal(&password))
    }

    fn new(url: &DatabaseUrl, kind: &str, password: String) -> Result<Self, ConfigError> {
        let prefix = format!("{}_{kind}_", url.user());
        let hash = digest(&SHA256, password.as_bytes());
        let role = format!("{prefix}{}", hexadecimal(&hash.as_ref()[..4]));
        if role.len() > MAX_ROLE_BYTES {
            return Err(ConfigError::new(
                "DATABASE_URL",
                "names a role of more than 45 bytes; give it a shorter one.",
            ));
        }
        Ok(Self {
            role,
            password,
            prefix,
        })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
