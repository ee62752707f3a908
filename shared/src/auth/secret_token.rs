//! Secrets that are handed out once, and of which only hashes are stored: refresh
//! tokens, and the tokens of links.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use uuid::Uuid;

use crate::problem::Problem;

/// A token that is about to be handed out: 256 random bits.
///
/// Without `Debug`, because it is a secret.
pub(super) struct SecretToken {
    id: Uuid,
    text: String,
}

impl SecretToken {
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

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The token as the client gets it.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// The hash that is stored of a token. For so many random bits a plain one is
/// enough.
pub(super) fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}
