//! The service's surroundings on one machine, for `cargo dev` and `cargo test`.
//!
//! | module | subject |
//! |---|---|
//! | [`tools`] | programs that must be there: found, else fetched |
//! | [`stack`] | PostgreSQL with PgBouncer in front of it, as Neon has it |
//! | [`server`] | one of the two: start, stop, kill, pause |
//! | [`dev`] | the program behind `cargo dev` |
//!
//! What is absent, on purpose:
//! - No process outlives the one that started it, however that one ended:
//!   every child hangs on a pipe of its parent (`supervised`).
//! - No connection without TLS and no login without a password, not even here.
//! - No OpenSSL and no database client, so that this crate builds on a bare
//!   toolchain and can say what the functions lack.

mod account;
mod certificates;
pub mod dev;
mod error;
mod files;
mod interrupt;
pub mod places;
pub mod server;
pub mod stack;
pub mod supervised;
pub mod tools;

pub use error::{Context, Error, Result};
