//! An issuer whose tokens expire after the end of a benchmark.

use local::stack::StackOptions;
use serde_json::{Value, json};

use crate::Service;
use crate::tokens::{SigningKey, Token, now, store_our_key};

const TOKEN_SECONDS: u64 = 6 * 60 * 60;

/// A key that the service trusts.
pub struct Issuer {
    key: SigningKey,
}

impl Issuer {
    /// Makes the service trust a new key. Functions that run already do not know
    /// the key.
    pub async fn trusted_by(service: &Service) -> Self {
        let key = SigningKey::ed25519("measured");
        let owner = service.connect_as_owner().await;
        store_our_key(&owner, &key.kid, &key.jwk_of_set().to_string()).await;
        Self { key }
    }

    /// Issuer and audience of the tokens.
    pub fn name() -> String {
        StackOptions::default().token_issuer
    }

    /// A token for a user.
    pub fn token(&self, user: &str) -> String {
        Token::new(&Self::name(), user)
            .claim("iat", now())
            .claim("exp", now() + TOKEN_SECONDS)
            .sign(&self.key)
    }

    /// The key set, as a server would publish it.
    pub fn key_set(&self) -> Value {
        json!({"keys": [self.key.jwk_of_set()]})
    }
}
