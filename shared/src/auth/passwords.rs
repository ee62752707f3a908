//! Passwords: argon2id hashes of our own, and Better Auth's scrypt hashes.

use argon2::Params;
use argon2::password_hash::phc::PasswordHash;
use subtle::ConstantTimeEq;

use super::argon2id;
use crate::config::Config;

/// A hash of a password that nobody has, with the parameters of all others:
/// verifying against it takes the time that a known e-mail address takes.
const NOBODYS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$Zm9yIG5vYm9keSBhdCBhbGw$l1mWq8uQrWyqQKbV0OQXDn3Ehy2zCVyBGmLGSNhL6GA";

/// Rows may come from elsewhere, and their parameters decide about our memory
/// and time: 64 MiB, 10 passes, 4 lanes at most.
const MAX_MEMORY_KIB: u32 = 64 * 1024;
const MAX_PASSES: u32 = 10;
const MAX_LANES: u32 = 4;

/// The result of a password's check.
#[derive(Debug, PartialEq)]
pub(super) enum Match {
    No,
    Yes,
    /// Yes, against a hash of ours that is weaker than those made today.
    YesButWeak,
}

/// A stored hash that can be verified against.
enum Stored<'a> {
    Argon2(Box<PasswordHash>),
    Scrypt { salt: &'a str, key: Vec<u8> },
}

/// Which kinds of hashes there may be among the accounts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kinds {
    /// Our own.
    Argon2,
    /// Better Auth's as well.
    Argon2AndScrypt,
}

impl Kinds {
    /// Better Auth's hashes are expected where its tokens are.
    pub(super) fn of(config: &Config) -> Self {
        match config.better_auth {
            Some(_) => Self::Argon2AndScrypt,
            None => Self::Argon2,
        }
    }
}

/// Hashes with argon2id, 19 MiB, 2 passes, 1 lane, as OWASP recommends:
/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>.
/// This takes about 25 ms of one vCPU.
pub(super) fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    argon2id::hash(password, Params::DEFAULT)
}

/// Whether `password` belongs to `stored`.
///
/// Every no takes the same work in the same order, whether there is a hash or
/// not and of which of the `kinds` it is, so that the time tells nothing about
/// an account. (The order counts: the larger memory of scrypt makes what comes
/// after it faster.)
pub(super) fn verify(password: &str, stored: Option<&str>, kinds: Kinds) -> Match {
    let stored = stored.and_then(Stored::parse);
    match &stored {
        Some(Stored::Argon2(hash)) if argon2id::verify(password, hash) => {
            return if is_weak(hash) {
                Match::YesButWeak
            } else {
                Match::Yes
            };
        }
        Some(Stored::Argon2(_)) => {}
        Some(Stored::Scrypt { .. }) | None => {
            let nobodys = PasswordHash::new(NOBODYS_HASH).expect("a unit test parses it");
            argon2id::verify(password, &nobodys);
        }
    }
    match &stored {
        Some(Stored::Scrypt { salt, key }) if matches_scrypt(password, salt, key) => Match::Yes,
        Some(Stored::Scrypt { .. }) => Match::No,
        Some(Stored::Argon2(_)) | None => {
            if kinds == Kinds::Argon2AndScrypt {
                matches_scrypt(password, "00000000000000000000000000000000", &[]);
            }
            Match::No
        }
    }
}

impl<'a> Stored<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        if text.starts_with("$argon2id$") {
            let hash = PasswordHash::new(text).ok()?;
            let parameters = Params::try_from(&hash).ok()?;
            let bearable = parameters.m_cost() <= MAX_MEMORY_KIB
                && parameters.t_cost() <= MAX_PASSES
                && parameters.p_cost() <= MAX_LANES;
            return bearable.then(|| Self::Argon2(Box::new(hash)));
        }
        let (salt, key) = text.split_once(':')?;
        let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if salt.len() != 32 || key.len() != 128 || !is_hex(salt) || !is_hex(key) {
            return None;
        }
        let key = (0..key.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&key[at..at + 2], 16).ok())
            .collect::<Option<_>>()?;
        Some(Self::Scrypt { salt, key })
    }
}

/// Better Auth's parameters: N = 2^14, r = 16, p = 1, 64 bytes, and the salt's
/// hexadecimal text itself as the salt.
fn matches_scrypt(password: &str, salt: &str, key: &[u8]) -> bool {
    let Ok(parameters) = scrypt::Params::new(14, 16, 1) else {
        return false;
    };
    let mut computed = [0; 64];
    scrypt::scrypt(
        password.as_bytes(),
        salt.as_bytes(),
        &parameters,
        &mut computed,
    )
    .is_ok()
        && computed.ct_eq(key).into()
}

fn is_weak(hash: &PasswordHash) -> bool {
    let today = Params::DEFAULT;
    Params::try_from(hash).is_ok_and(|parameters| {
        parameters.m_cost() < today.m_cost() || parameters.t_cost() < today.t_cost()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of "pässwörd fi1", made by Node's scrypt with Better Auth's parameters.
    const OF_BETTER_AUTH: &str = "00112233445566778899aabbccddeeff:\
        eddf585b4fcad581f84b4c58117bb1f5cb5f721c29c46d48e9d924722521cb87\
        ddf5683664f8e96c26a0d5ab6f379240ba2eee934b59881731e11cab49832eab";

    fn is_yes(password: &str, stored: Option<&str>) -> bool {
        verify(password, stored, Kinds::Argon2AndScrypt) != Match::No
    }

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let stored = hash("correct horse").expect("hashing works");
        assert_eq!(
            verify("correct horse", Some(&stored), Kinds::Argon2),
            Match::Yes
        );
        assert!(!is_yes("correct horsf", Some(&stored)));
        assert!(!is_yes("correct horse", None));
        assert!(!is_yes("correct horse", Some("not a hash")));
    }

    #[test]
    fn better_auths_hashes_verify() {
        assert!(is_yes("pässwörd fi1", Some(OF_BETTER_AUTH)));
        assert!(!is_yes("pässwörd fi2", Some(OF_BETTER_AUTH)));
        assert!(!is_yes("pässwörd fi1", Some(&OF_BETTER_AUTH[..150])));
    }

    #[test]
    fn a_hash_weaker_than_todays_is_told() {
        let weak = Params::new(8 * 1024, 1, 1, None).expect("argon2 takes these");
        let weak = argon2id::hash("correct horse", weak).expect("hashing works");
        assert_eq!(
            verify("correct horse", Some(&weak), Kinds::Argon2),
            Match::YesButWeak
        );
        assert_eq!(
            verify("correct horsf", Some(&weak), Kinds::Argon2),
            Match::No
        );
    }

    #[test]
    fn nobodys_hash_costs_what_any_hash_costs() {
        let parameters = |hash: &str| {
            let hash = PasswordHash::new(hash).expect("it is a PHC string");
            Params::try_from(&hash).expect("it has argon2's parameters")
        };
        let stored = hash("correct horse").expect("hashing works");
        assert_eq!(parameters(NOBODYS_HASH), parameters(&stored));
    }

    #[test]
    fn a_hash_with_unbearable_parameters_is_no_hash() {
        let stored = hash("correct horse").expect("hashing works");
        for unbearable in ["m=65537,t=2,p=1", "m=19456,t=11,p=1", "m=19456,t=2,p=5"] {
            let stored = stored.replace("m=19456,t=2,p=1", unbearable);
            assert!(Stored::parse(&stored).is_none(), "{unbearable}");
        }
    }
}
