//! What every test here stands on.

mod background;
mod better_auth;
mod browser;
mod call;
mod database;
pub mod gateway;
mod http;
pub mod measuring;
pub mod proxy;
mod response_url;
pub mod runtime_api;
mod service;
pub mod tokens;
pub mod tools;
mod user;

pub use better_auth::BetterAuth;
pub use browser::play;
pub use call::{Answer, Call, is_utc_time, members};
pub use database::{transaction_of, transaction_of_nobody};
pub use http::exchange;
pub use response_url::ResponseUrl;
pub use service::{Service, binaries, binary, service};
pub use user::{TestUser, id_of, new_address, new_email, path_of, refresh_token_of};

/// Waits for what has to come true within some seconds, such as a line in the
/// log: it is read by a thread of its own and may come after the answer.
pub async fn until(is_true: impl AsyncFn() -> bool) {
    let started = std::time::Instant::now();
    while !is_true().await {
        assert!(started.elapsed().as_secs() < 5, "it never did");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
