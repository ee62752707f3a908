//! Who calls: bearer tokens, the keys that verify them, and the built-in
//! accounts.

mod accounts;
mod credentials;
mod key;
mod key_sources;
mod keys;
mod password_rules;
mod passwords;
mod profile;
mod refresh;
mod signer;
mod throttle;
mod tokens;
mod user;

pub use accounts::{Accounts, Session};
pub use credentials::{Deletion, Login, ProfileChanges, Registration};
pub(crate) use credentials::{MAX_NAME_CHARS, Password};
pub(crate) use keys::Keys;
pub(crate) use profile::PasswordPolicy;
pub use profile::{Account, Profile};
pub(crate) use profile::{find_profile, only_profile};
pub use refresh::{Logout, Refresh};
pub(crate) use refresh::{SignIn, end_sessions, find_sign_ins, read_sign_ins};
pub(crate) use tokens::verify;
pub use user::{User, UserId};
