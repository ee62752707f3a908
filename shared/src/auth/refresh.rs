//! Refresh tokens: opaque, stored as hashes, each good for one use
//! (RFC 9700 section 4.14.2).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

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

/// A token that is about to be handed out: 256 random bits.
///
/// Without `Debug`, because it is a secret.
pub(super) struct RefreshToken {
    id: Uuid,
    text: String,
}

impl RefreshToken {
    /// # Errors
    /// When the system has no random numbers.
    pub(super) fn random() -> Result<Self, Problem> {
        let mut bytes = [0; 32];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(Problem::internal)?;
        Ok(Self {
            id: Uuid::now_v7(),
            text: BASE64_URL_SAFE_NO_PAD.encode(bytes),
        })
    }

    pub(super) fn id(&self) -> Uuid {
        self.id
    }

    pub(super) fn hash(&self) -> Vec<u8> {
        hash(&self.text)
    }

    /// The token as the client gets it.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

impl Refresh {
    pub(super) fn hash(&self) -> &[u8] {
        &self.hash
    }
}

/// The hash that is stored of a token. For so many random bits a plain one is
/// enough.
fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
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
