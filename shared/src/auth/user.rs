//! The user: proof that a token was verified.

use crate::model::UserId;

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
