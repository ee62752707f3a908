//! The database logins of the functions: each may call the functions of its
//! own endpoints and nothing else.
//!
//! Task functions sign in with DATABASE_URL as it is. For the other two the
//! role and its password follow from a secret, and the role's name from the
//! password: a rotated secret is another login, and the one before goes on
//! working while the last release serves.

use ring::digest::{SHA256, digest};

use super::secret::long_secret;
use super::{ConfigError, DatabaseUrl, auth_secret, derive, hexadecimal};

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
        Self::new(url, "accounts", long_secret("ACCOUNTS_PASSWORD")?)
    }

    /// The login of the sign-in functions, from AUTH_SECRET.
    ///
    /// # Errors
    /// When it is missing or shorter than 32 bytes.
    pub(crate) fn of_sign_in(url: &DatabaseUrl) -> Result<Self, ConfigError> {
        let password = derive(&auth_secret()?, "database-login")?;
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
