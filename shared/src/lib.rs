//! What all functions of the todo service share.
//!
//! | module | subject |
//! |---|---|
//! | `entry` | [`serve`]: what every function does around its handler |
//! | `context` | [`Context`]: what a handler is lent |
//! | `config` | every variable, read and checked once |
//! | `auth` | tokens, keys, built-in accounts: how a request becomes a [`User`] |
//! | `database` | the one connection, and the flight: a transaction in one round trip |
//! | `invocation` | how long the request in progress may still take |
//! | `conditions`, `idempotency` | `If-Match`, `If-None-Match`, `Idempotency-Key` |
//! | `task` | what may be asked of a task |
//! | `page`, `filter`, `sort`, `cursor` | what may be asked of a list |
//! | `tasks` | [`Tasks`]: every SQL statement on tasks; `listing` puts those of lists together |
//! | `files` | files in a function's binary: a page and its parts |
//! | `fields`, `query`, `request`, `response`, `problem` | JSON in, JSON out, and the one error |
//! | `migrate` | how the tables and roles come to be |
//!
//! # What holds
//!
//! - A [`User`] comes from a verified token and from nowhere else:
//!   ```compile_fail
//!   let user = shared::User { id: "someone".into() };
//!   ```
//! - [`Tasks`] come from a [`User`], and none of their methods takes a user's
//!   id:
//!   ```compile_fail
//!   fn all(context: &shared::Context) -> shared::Tasks<'_> {
//!       context.tasks("someone")
//!   }
//!   ```
//! - No function reaches the database's client: there is no path to it.
//!   ```compile_fail
//!   use shared::database::Database;
//!   ```
//! - There is no statement with a name, no `try_join!` around a flight, and
//!   no custom type among the result columns; `database::flight` says why.
//! - A handler returns a [`Problem`] or an answer; nothing else reaches a
//!   client, and no problem shows its cause.

mod auth;
pub mod conditions;
mod config;
mod context;
mod cursor;
mod database;
mod entry;
mod fields;
mod files;
mod filter;
mod idempotency;
mod invocation;
mod listing;
pub mod migrate;
mod page;
mod problem;
mod query;
pub mod request;
pub mod response;
mod sort;
mod task;
mod tasks;

pub use auth::{
    Account, Accounts, Deletion, Login, Profile, ProfileChanges, Refresh, Registration, Session,
    User, UserId,
};
pub use config::ConfigError;
pub use context::{Context, KeySet, Service};
pub use entry::{Handler, serve};
pub use fields::{Fields, FromFields};
pub use files::{File, STRICT_POLICY, Site};
pub use idempotency::IdempotencyKey;
pub use page::Page;
pub use problem::Problem;
pub use task::{NewTask, Task, TaskChanges};
pub use tasks::{Creation, TaskList, Tasks};

/// What a function is given.
pub type Request = lambda_http::Request;

/// What a function gives back.
pub type Response = lambda_http::Response<lambda_http::Body>;
