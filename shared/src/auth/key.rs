//! One key that verifies tokens, read from a JWK (RFC 7517).

use std::collections::HashMap;
use std::sync::Arc;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use super::crypto;

/// Clocks may differ by this much; the crate's default is a minute.
const LEEWAY_SECONDS: u64 = 5;

/// A key bound to the one algorithm, issuer and audience that it may verify:
/// a token cannot choose among them.
pub(super) struct Key {
    pub(super) decoding: DecodingKey,
    pub(super) validation: Validation,
    /// The issuer, which is also the audience.
    pub(super) issuer: String,
}

/// Keys by their id.
pub(super) type KeysById = HashMap<String, Arc<Key>>;

impl Key {
    /// Reads a public key; `None` for a kind that is not used here. The
    /// algorithm comes from the key: its curve, or for RSA the `alg` that is
    /// stored with it.
    pub(super) fn parse(jwk: &str, stored_algorithm: Option<&str>, issuer: &str) -> Option<Self> {
        crypto::install();
        let jwk: Jwk = serde_json::from_str(jwk).ok()?;
        if !matches!(
            jwk.common.public_key_use,
            None | Some(PublicKeyUse::Signature)
        ) {
            return None;
        }
        let stored = match stored_algorithm {
            Some(name) => Some(name.parse::<KeyAlgorithm>().ok()?),
            None => jwk.common.key_algorithm,
        };
        let algorithm = algorithm_of(&jwk.algorithm, stored)?;
        if stored.is_some_and(|stored| stored != KeyAlgorithm::from(algorithm)) {
            return None;
        }
        let mut validation = Validation::new(algorithm);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Some(Self {
            decoding: DecodingKey::from_jwk(&jwk).ok()?,
            validation,
            issuer: issuer.to_owned(),
        })
    }
}

fn algorithm_of(
    parameters: &AlgorithmParameters,
    stored: Option<KeyAlgorithm>,
) -> Option<Algorithm> {
    match parameters {
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Some(Algorithm::EdDSA)
        }
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => Some(Algorithm::ES256),
            EllipticCurve::P384 => Some(Algorithm::ES384),
            _ => None,
        },
        AlgorithmParameters::RSA(_) if stored == Some(KeyAlgorithm::PS256) => {
            Some(Algorithm::PS256)
        }
        AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
        _ => None,
    }
}
