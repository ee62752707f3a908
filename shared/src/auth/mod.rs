//! Who calls: bearer tokens, the keys that verify them, and the built-in
//! accounts.

mod argon2id;
mod credentials;
mod crypto;
mod key;
mod key_set;
mod key_sources;
mod keys;
mod mail;
mod password_rules;
mod passwords;
mod profile;
mod refresh;
mod refusal;
mod resets;
mod secret_token;
mod sessions;
mod signer;
mod throttle;
mod tokens;
mod user;
mod verified;

pub use credentials::{
    Deletion, ForgottenPassword, Login, PasswordReset, ProfileChanges, Registration,
};
#[cfg(test)]
pub(crate) use credentials::{MAX_NAME_CHARS, Password};
pub use key_set::KeySet;
pub(crate) use key_set::public_keys;
pub(crate) use keys::Keys;
pub(crate) use profile::PasswordPolicy;
pub use profile::{Account, Profile};
pub(crate) use refresh::log_out;
pub use refresh::{Logout, Refresh};
pub use resets::PasswordResets;
pub use sessions::{Session, Sessions};
pub(crate) use signer::Signer;
pub(crate) use tokens::{check_path_user, verify};
pub use user::User;
