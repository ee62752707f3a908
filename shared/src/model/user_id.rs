//! Who a user is: the id that tokens name and rows belong to.

use std::fmt;

/// The id of a user: text, because Better Auth's ids are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserId(String);

impl UserId {
    /// At most 255 characters, none of them a control character: PostgreSQL
    /// stores no NUL, and a log line shall stay one line.
    pub(crate) fn parse(text: String) -> Option<Self> {
        let fits = (1..=255).contains(&text.chars().count());
        (fits && !text.chars().any(char::is_control)).then_some(Self(text))
    }

    /// 32 characters of `[0-9a-f]`: the length and alphabet of Better Auth's
    /// own ids, with 122 random bits.
    pub(crate) fn random() -> Self {
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
