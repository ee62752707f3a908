//! What every test here stands on.

mod better_auth;
mod call;
mod database;
mod service;
pub mod tokens;
mod user;

pub use better_auth::BetterAuth;
pub use call::{Answer, Call, is_utc_time, members};
pub use service::{Service, binary, service};
pub use user::{TestUser, id_of, new_address, new_email, path_of, refresh_token_of};
