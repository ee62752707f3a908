//! Who calls: bearer tokens, the keys that verify them, and the built-in
//! accounts.

mod accounts;
mod credentials;
mod keys;
mod passwords;
mod signer;
mod tokens;
mod user;

pub use accounts::{Accounts, Session};
pub use credentials::{Login, Registration};
pub(crate) use keys::Keys;
pub(crate) use tokens::verify;
pub use user::{User, UserId};
