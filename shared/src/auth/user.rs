//! The user: proof that a token was verified.

use std::fmt;

/// The caller of a request, known from a verified token.
///
/// Nothing else makes one, and nothing but a `User` opens tasks, so a
/// function that forgot to authenticate does not compile.
#[derive(Debug)]
pub struct User {
    id: UserId,
}

impl User {
    /// Only the token verifier calls this.
    pub(super) fn verified(id: UserId) -> Self {
        Self { id }
    }

    /// The id, as Better Auth or the registration made it.
    pub fn id(&self) -> &UserId {
        &self.id
    }
}

/// The id of a user: text, because Better Auth's ids are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserId(String);

impl UserId {
    /// At most 255 characters, none of them a control character: PostgreSQL
    /// stores no NUL, and a log line shall stay one line.
    pub(super) fn parse(text: String) -> Option<Self> {
        let fits = (1..=255).contains(&text.chars().count());
        (fits && !text.chars().any(char::is_control)).then_some(Self(text))
    }

    /// 32 characters of `[0-9a-f]`: the length and alphabet of Better Auth's
    /// own ids, with 122 random bits.
    pub(super) fn random() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
