//! The parts that tests and benchmarks of the service share.
//!
//! | item | subject |
//! |---|---|
//! | [`Service`], [`TestUser`], [`Call`], [`Answer`] | the running service, its users, their requests, and what these are answered |
//! | [`gateway`] | a stand-in for API Gateway: routes, events, a server |
//! | [`runtime_api`] | a stand-in for the Lambda Runtime API that runs a function's binary |
//! | [`proxy`] | a slow connection between two ports that can be cut |
//! | [`StubServer`], [`ResponseUrl`] | servers that answer as a test says |
//! | [`SmtpServer`] | a real mail server |
//! | [`tokens`], [`forge`] | signing keys, and tokens and cursors of any shape |
//! | [`BetterAuth`], [`play`] | a real Better Auth, and a real Chromium |
//! | [`bootstrap`] | the program in a function's package |
//! | [`http`] | a client for servers on this machine |
//! | [`tools`] | finders of Node.js, Chromium and Schemathesis |
//! | [`measuring`] | options, figures, pictures and CPU shares of benchmarks |

mod answer;
mod better_auth;
mod browser;
mod call;
mod data;
mod database;
pub mod emulator;
pub mod gateway;
pub mod http;
pub mod measuring;
mod opaque;
mod package;
mod patience;
pub mod proxy;
mod response_url;
pub mod runtime_api;
mod service;
mod smtp_server;
mod stub_server;
pub mod tokens;
pub mod tools;
mod user;

pub use answer::{Answer, is_utc_time, members};
pub use better_auth::BetterAuth;
pub use browser::{play, play_at};
pub use call::Call;
pub use database::{transaction_of, transaction_of_nobody};
pub use opaque::forge;
pub use package::bootstrap;
pub use patience::{eventually, until};
pub use response_url::ResponseUrl;
pub use service::{Service, binaries, binary, service};
pub use smtp_server::SmtpServer;
pub use stub_server::{Received, Reply, StubServer};
pub use user::{TestUser, id_of, new_address, new_email, path_of, refresh_token_of};
