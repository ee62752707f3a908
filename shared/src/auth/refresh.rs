//! Refresh tokens: opaque, stored as hashes, each good for one use
//! (RFC 9700 section 4.14.2).

use super::secret_token::hash;
use crate::database::{Call, Database};
use crate::input::fields::{Fields, FromFields, boolean, text};
use crate::problem::Problem;

/// The body of a refresh.
pub struct Refresh {
    hash: Vec<u8>,
}

/// The body of a logout.
pub struct Logout {
    presented: Refresh,
    /// `everywhere`: not only on this device.
    is_everywhere: bool,
}

impl FromFields for Logout {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let presented = Refresh::from_fields(fields);
        let is_everywhere = fields.optional("everywhere", boolean);
        Some(Self {
            presented: presented?,
            is_everywhere: is_everywhere?.unwrap_or(false),
        })
    }
}

impl FromFields for Refresh {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let token = fields.required("refresh_token", |value| text(value).map(hash));
        Some(Self { hash: token? })
    }
}

impl Refresh {
    pub(super) fn hash(&self) -> &[u8] {
        &self.hash
    }
}

/// Ends the sign-in that the presented token belongs to, or all of its user.
///
/// # Errors
/// 503 when the database is away; never for a token that is not good.
pub(crate) async fn log_out(database: &Database, logout: &Logout) -> Result<(), Problem> {
    let log_out = Call::repeatable("log_out")
        .with(logout.presented.hash())
        .with(logout.is_everywhere);
    database.call(&log_out).await?;
    Ok(())
}
