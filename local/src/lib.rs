//! The programs and servers that the service needs on one machine, for `cargo dev`
//! and for tests.
//!
//! | module | subject |
//! |---|---|
//! | [`tools`] | programs that are found, else fetched |
//! | [`stack`] | PostgreSQL with PgBouncer in front of it, as Neon has it |
//! | [`server`] | one of these two servers: start, stop, kill, pause |
//! | [`mailbox`] | a mail server that delivers nothing |
//! | [`supervised`] | child processes that never outlive this one |
//! | [`cargo`], [`places`] | Cargo as a child process, and directories |
//! | [`background`] | a thread with an asynchronous runtime |
//! | [`cors`] | the rules for pages of other origins |
//! | [`dev`] | the program behind `cargo dev` |
//!
//! Absent on purpose:
//! - A process that outlives the one that started it, however that one ended.
//! - A connection without TLS, or a login without a password, except to the
//!   mailbox, which sends nothing on.
//! - OpenSSL and a database client: this crate builds on a bare toolchain, and can
//!   say what the functions lack.

mod account;
pub mod background;
pub mod cargo;
mod certificates;
pub mod cors;
pub mod dev;
mod error;
mod files;
mod interrupt;
pub mod mailbox;
pub mod places;
pub mod server;
pub mod stack;
pub mod supervised;
pub mod tools;

pub use error::{Context, Error, Result};
