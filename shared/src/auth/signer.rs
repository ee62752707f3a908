//! Signing of the built-in access tokens.

use chrono::Utc;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde::Serialize;

use super::crypto;
use crate::config::{ConfigError, derive};
use crate::model::UserId;

/// How long an access token is good for, in seconds; Better Auth's are, too.
pub(super) const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;

/// The key that signs, derived from AUTH_SECRET: every environment with the
/// same secret has the same key, and nothing secret is stored.
pub(crate) struct Signer {
    key: EncodingKey,
    kid: String,
    public_jwk: String,
    issuer: String,
}

/// The claims of RFC 7519 and nothing about the person.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    iat: i64,
    exp: i64,
}

impl Signer {
    /// From the secret to an Ed25519 key (RFC 8032), whose id is its JWK
    /// thumbprint (RFC 7638).
    pub(crate) fn new(secret: &str, issuer: &str) -> Result<Self, ConfigError> {
        crypto::install();
        let failed = || ConfigError::new("AUTH_SECRET", "does not give a key; choose another.");
        let seed = derive(secret, "jwt-signing-ed25519")?;
        let key = EncodingKey::from_ed_der(&pkcs8(&seed));
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA).map_err(|_| failed())?;
        let kid = jwk
            .thumbprint(ThumbprintHash::SHA256)
            .map_err(|_| failed())?;
        jwk.common.key_id = Some(kid.clone());
        Ok(Self {
            key,
            kid,
            public_jwk: serde_json::to_string(&jwk).map_err(|_| failed())?,
            issuer: issuer.to_owned(),
        })
    }

    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half, for whoever verifies.
    pub(crate) fn public_jwk(&self) -> &str {
        &self.public_jwk
    }

    /// A token that says who the user is, for [`ACCESS_TOKEN_SECONDS`].
    pub(super) fn access_token(
        &self,
        user: &UserId,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let now = Utc::now().timestamp();
        let claims = Claims {
            iss: &self.issuer,
            aud: &self.issuer,
            sub: user.as_str(),
            iat: now,
            exp: now + ACCESS_TOKEN_SECONDS,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        encode(&header, &claims, &self.key)
    }
}

/// An Ed25519 seed as PKCS #8 version 1 (RFC 8410 section 7).
fn pkcs8(seed: &[u8; 32]) -> Vec<u8> {
    const PREFIX: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    [PREFIX.as_slice(), seed].concat()
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::decode;

    use super::*;
    use crate::auth::key::Key;

    #[test]
    fn the_same_secret_gives_the_same_key() {
        let secret = "0123456789abcdef0123456789abcdef";
        let signer =
            |secret| Signer::new(secret, "https://todo.example.com").expect("it is long enough");
        assert_eq!(signer(secret).kid(), signer(secret).kid());
        assert_ne!(
            signer(secret).kid(),
            signer("another secret of 32 characters!").kid()
        );
    }

    #[test]
    fn what_it_signs_its_public_key_verifies() {
        let issuer = "https://todo.example.com";
        let signer =
            Signer::new("0123456789abcdef0123456789abcdef", issuer).expect("it is long enough");
        let user = UserId::random();
        let token = signer.access_token(&user).expect("it signs");
        let key = Key::parse(signer.public_jwk(), None, issuer).expect("it is a key of ours");
        let claims: serde_json::Value = decode(&token, &key.decoding, &key.validation)
            .expect("it verifies")
            .claims;
        assert_eq!(claims["sub"], user.as_str());
        let seconds = claims["exp"].as_i64().zip(claims["iat"].as_i64());
        assert_eq!(
            seconds.map(|(exp, iat)| exp - iat),
            Some(ACCESS_TOKEN_SECONDS)
        );
    }
}
