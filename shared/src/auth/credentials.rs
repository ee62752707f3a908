//! The bodies of sign-up and sign-in, checked.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::input::fields::{Fields, FromFields, text, trimmed};
use crate::problem::Rule;

/// The body of a registration.
pub struct Registration {
    pub(super) name: String,
    pub(super) email: Email,
    pub(super) password: Password,
}

/// The body of a login.
pub struct Login {
    pub(super) email: Email,
    pub(super) password: Password,
}

/// The body of a change of one's own account.
pub struct ProfileChanges {
    pub(super) name: Option<String>,
    /// The current one and the new one.
    pub(super) password: Option<(Password, Password)>,
}

/// The body of the deletion of one's own account.
pub struct Deletion {
    pub(super) password: Password,
}

impl FromFields for Registration {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name", name);
        let email = fields.required("email", |value| Email::parse(text(value)?));
        let password = fields.required("password", |value| Password::choose(text(value)?));
        Some(Self {
            name: name?,
            email: email?,
            password: password?,
        })
    }
}

impl FromFields for Login {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let email = fields.required("email", |value| Email::parse(text(value)?));
        let password = fields.required("password", |value| Password::parse(text(value)?));
        Some(Self {
            email: email?,
            password: password?,
        })
    }
}

impl FromFields for ProfileChanges {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let name = fields.optional("name", name);
        let new = fields.optional("password", |value| Password::choose(text(value)?));
        let current = fields.optional("current_password", |value| Password::parse(text(value)?));
        let password = match (current?, new?) {
            (Some(current), Some(new)) => Some((current, new)),
            (None, None) => None,
            (None, Some(_)) => {
                fields.violate("current_password", "is required with `password`.".into());
                None
            }
            (Some(_), None) => {
                fields.violate("password", "is required with `current_password`.".into());
                None
            }
        };
        Some(Self {
            name: name?,
            password,
        })
    }
}

impl FromFields for Deletion {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let password = fields.required("password", |value| Password::parse(text(value)?));
        Some(Self {
            password: password?,
        })
    }
}

pub(crate) const MAX_NAME_CHARS: usize = 200;

fn name(value: &Value) -> Result<String, Rule> {
    trimmed(value, 1, MAX_NAME_CHARS)
}

/// An e-mail address in lower case, as Better Auth stores and looks it up.
pub(super) struct Email(String);

impl Email {
    /// Accepts what Better Auth accepts (zod's `email()`), so that whoever
    /// registers here can sign in there, within the lengths of RFC 5321
    /// section 4.5.3.1.
    fn parse(text: &str) -> Result<Self, Rule> {
        let address = text.trim().to_ascii_lowercase();
        match address.rsplit_once('@') {
            Some((local, domain)) if is_local_part(local) && is_domain(domain) => Ok(Self(address)),
            _ => Err("must be an e-mail address, such as ann@example.com.".into()),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_local_part(local: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "_'+-.".contains(c);
    (1..=64).contains(&local.len())
        && local.chars().all(known)
        && !local.starts_with('.')
        && !local.ends_with(['.', '\''])
        && !local.contains("..")
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let Some((_, last)) = domain.rsplit_once('.') else {
        return false;
    };
    domain.len() <= 189
        && domain.split('.').all(is_label)
        && last.len() >= 2
        && last.chars().all(|c| c.is_ascii_alphabetic())
}

/// A password in Unicode form NFKC, so that it is the same from every
/// keyboard (NIST SP 800-63B-4 section 3.1.1.2).
///
/// Without `Debug`, because it holds the password.
pub(crate) struct Password(String);

impl Password {
    pub(crate) const MIN_CHARS: usize = 8;
    pub(crate) const MAX_CHARS: usize = 128;
    pub(crate) const MAX_BYTES: usize = 4096;

    /// A new password: 8..128 characters, as Better Auth has it, counted in
    /// the form that is stored.
    fn choose(text: &str) -> Result<Self, Rule> {
        let password = Self::parse(text)?;
        if (Self::MIN_CHARS..=Self::MAX_CHARS).contains(&password.0.chars().count()) {
            return Ok(password);
        }
        Err(format!(
            "must have {} to {} characters.",
            Self::MIN_CHARS,
            Self::MAX_CHARS
        )
        .into())
    }

    /// A password that was chosen before, perhaps under other rules. The
    /// limit only bounds the work: no form of 128 characters is longer.
    fn parse(text: &str) -> Result<Self, Rule> {
        if text.is_empty() {
            return Err("must not be empty.".into());
        }
        if text.len() > Self::MAX_BYTES {
            return Err(format!("must have at most {} characters.", Self::MAX_CHARS).into());
        }
        Ok(Self(text.nfkc().collect()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_better_auth_takes_are_taken() {
        for good in [
            "ann@example.com",
            " Ann.O'Neil+todo@Mail.Example.COM ",
            "a_b-c@x-1.io",
        ] {
            let email = Email::parse(good).expect(good);
            assert_eq!(email.as_str(), good.trim().to_lowercase());
        }
    }

    #[test]
    fn addresses_that_better_auth_refuses_are_refused() {
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "ann",
            "ann@",
            "@example.com",
            "ann@example",
            "ann@example.c",
            ".ann@example.com",
            "ann.@example.com",
            "a..b@example.com",
            "ann@-example.com",
            "ann@example..com",
            "ann@exa_mple.com",
            "\"ann\"@example.com",
            "ann@example.c0m",
            "änn@example.com",
            "a@b@example.com",
            "ann\0@example.com",
            "a=b@example.com",
            "ann'@example.com",
            &long,
        ] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        let composed = Password::choose("pässwörd").expect("it has 8 characters");
        let decomposed = Password::choose("pa\u{308}sswo\u{308}rd").expect("so has this");
        assert_eq!(composed.as_str(), decomposed.as_str());
    }

    #[test]
    fn a_new_password_has_8_to_128_characters() {
        assert!(Password::choose("1234567").is_err());
        assert!(Password::choose("ÄÖÜäöüß€").is_ok());
        assert!(Password::choose(&"€".repeat(128)).is_ok());
        assert!(Password::choose(&"€".repeat(129)).is_err());
        assert!(Password::parse("short").is_ok());
    }
}
