//! Passwords: argon2id hashes as PHC strings.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

/// A hash of a password that nobody has, with the parameters of all others:
/// verifying against it takes the time that a known e-mail address takes.
const NOBODYS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$Zm9yIG5vYm9keSBhdCBhbGw$l1mWq8uQrWyqQKbV0OQXDn3Ehy2zCVyBGmLGSNhL6GA";

/// Hashes with argon2id, 19 MiB, 2 passes, 1 lane, as OWASP recommends:
/// <https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>.
/// It takes about 25 ms of one vCPU.
pub(super) fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    let hash = Argon2::default().hash_password(password.as_bytes())?;
    Ok(hash.to_string())
}

/// Whether `password` belongs to `stored`. Without a hash that can be read
/// the answer is no, after the same work.
pub(super) fn verify(password: &str, stored: Option<&str>) -> bool {
    let readable = stored.and_then(|stored| PasswordHash::new(stored).ok());
    let hash = match &readable {
        Some(hash) => hash,
        None => &PasswordHash::new(NOBODYS_HASH).expect("a unit test parses it"),
    };
    let matches = Argon2::default()
        .verify_password(password.as_bytes(), hash)
        .is_ok();
    matches && readable.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let stored = hash("correct horse").expect("hashing works");
        assert!(verify("correct horse", Some(&stored)));
        assert!(!verify("correct horsf", Some(&stored)));
        assert!(!verify("correct horse", None));
        assert!(!verify("correct horse", Some("not a hash")));
    }

    #[test]
    fn nobodys_hash_costs_what_any_hash_costs() {
        let parameters = |hash: &str| {
            let hash = PasswordHash::new(hash).expect("it is a PHC string");
            argon2::Params::try_from(&hash).expect("it has argon2's parameters")
        };
        let stored = hash("correct horse").expect("hashing works");
        assert_eq!(parameters(NOBODYS_HASH), parameters(&stored));
    }
}
