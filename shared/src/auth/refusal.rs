//! Why a token was refused: for the log, and on a developer's machine for the
//! answer.

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::errors::ErrorKind;
use serde_json::Value;

use super::key::Key;
use crate::config::RefusalAnswers;
use crate::problem::Problem;

/// An issuer has at most 255 bytes with us, and is longer only when it is none.
const MAX_SHOWN_CHARS: usize = 255;

/// The reason. What a token says is shown only once a key of ours has proved
/// its signature: anybody can send the others.
#[derive(Debug, PartialEq)]
pub(super) enum Refusal {
    Form,
    UnknownKey,
    Signature,
    Expired { at: String },
    NotYetValid { from: String },
    Issuer { expected: String, came: String },
    Audience { expected: String, came: String },
    Claims,
}

impl Refusal {
    /// Reads the reason from the verifier's error.
    pub(super) fn of(error: &ErrorKind, token: &str, key: &Key) -> Self {
        let claim = |name: &str| {
            let claims: Option<Value> = insecure_decode_claims(token).ok();
            let claim = claims.and_then(|claims| claims.get(name).map(Value::to_string));
            let claim = claim.unwrap_or_else(|| "nothing".to_owned());
            claim.chars().take(MAX_SHOWN_CHARS).collect()
        };
        match error {
            ErrorKind::ExpiredSignature => Self::Expired { at: claim("exp") },
            ErrorKind::ImmatureSignature => Self::NotYetValid { from: claim("nbf") },
            ErrorKind::InvalidIssuer => Self::Issuer {
                expected: key.issuer.clone(),
                came: claim("iss"),
            },
            ErrorKind::InvalidAudience => Self::Audience {
                expected: key.issuer.clone(),
                came: claim("aud"),
            },
            ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => Self::Signature,
            ErrorKind::MissingRequiredClaim(_) | ErrorKind::Json(_) => Self::Claims,
            _ => Self::Form,
        }
    }

    /// 401, the same for all reasons unless `answers` wants the reason.
    pub(super) fn into_problem(self, answers: RefusalAnswers) -> Problem {
        let reason = self.sentence();
        match answers {
            RefusalAnswers::Uniform => Problem::token_refused(),
            RefusalAnswers::Explained => {
                Problem::token_refused_because(format!("{reason} (Said on this machine only.)"))
            }
        }
        .with_cause(reason)
    }

    fn sentence(&self) -> String {
        match self {
            Self::Form => "The token is not a JWT that names its key (kid).".to_owned(),
            Self::UnknownKey => {
                "The token names a key (kid) that no issuer has: neither the built-in sign-in \
                 nor, with AUTH_URL, Better Auth."
                    .to_owned()
            }
            Self::Signature => {
                "The token's signature or algorithm is not that of the key it names.".to_owned()
            }
            Self::Expired { at } => format!("The token has expired: exp is {at}."),
            Self::NotYetValid { from } => format!("The token is not valid yet: nbf is {from}."),
            Self::Issuer { expected, came } => {
                format!("The token's issuer is {came}; \"{expected}\" was expected.")
            }
            Self::Audience { expected, came } => {
                format!("The token's audience is {came}; \"{expected}\" was expected.")
            }
            Self::Claims => {
                "The token's claims lack one of exp, iss, aud and sub, or it has another type."
                    .to_owned()
            }
        }
    }
}
