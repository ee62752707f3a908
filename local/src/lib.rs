//! The service's surroundings on one machine, for `cargo dev` and `cargo test`.
//!
//! | module | subject |
//! |---|---|
//! | [`parts`] | programs that must be there: found, else fetched |
//! | [`stack`] | PostgreSQL with PgBouncer in front of it, as Neon has it |
//! | [`server`] | one of the two: start, stop, kill, pause |
//! | [`runtime_api`] | a stand-in for the Lambda Runtime API that runs a function's binary |
//! | [`emulator`] | AWS's own emulator of Lambda, which that stand-in is held against |
//! | [`gateway`] | a stand-in for API Gateway: routes, events, responses, and a server of them |
//! | [`proxy`] | a slow, cuttable line between two ports |
//! | [`dev`] | the program behind `cargo dev` |
//!
//! What is absent, on purpose:
//! - No process outlives the one that started it, however that one ended:
//!   every child hangs on a pipe of its parent (`supervised`).
//! - No connection without TLS and no login without a password, not even here.
//! - No OpenSSL and no database client, so that this crate builds on a bare
//!   toolchain and can say what the functions lack.

mod account;
mod authority;
mod background;
pub mod dev;
pub mod emulator;
mod error;
mod files;
pub mod gateway;
mod interrupt;
pub mod parts;
mod places;
pub mod proxy;
pub mod runtime_api;
pub mod server;
pub mod stack;
mod supervised;

pub use error::{Error, Result};
