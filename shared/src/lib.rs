//! What all functions of the todo service share.
//!
//! | module | subject |
//! |---|---|
//! | `entry` | [`serve`]: what every function does around its handler |
//! | `event` | what API Gateway sends, before it is a request |
//! | `context` | [`Context`]: what a handler is lent |
//! | `config` | every variable, read and checked once |
//! | `auth` | tokens, keys, built-in accounts: how a request becomes a [`User`] |
//! | `database` | the one connection, and the flight: a transaction in one round trip |
//! | `invocation` | how long the request in progress may still take |
//! | `conditions`, `idempotency` | `If-Match`, `If-None-Match`, `Idempotency-Key` |
//! | `task`, `batch` | what may be asked of a task, and of several at once |
//! | `page`, `filter`, `sort`, `cursor`, `since` | what may be asked of a list, and of the changes |
//! | `tasks` | [`Tasks`]: every SQL statement on tasks |
//! | `export` | everything that is stored of a user |
//! | `files` | files in a function's binary: a page and its parts |
//! | `fields`, `unique_names`, `query`, `opaque`, `request`, `response`, `problem` | JSON in, JSON out, and the one error |
//! | `openapi` | the contract, as a document made from these types |
//! | `server_timing` | where the time of a request went, for whoever asks |
//! | `migrate` | how the tables and roles come to be, from a shell or at deployment |
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
mod batch;
pub mod conditions;
mod config;
mod context;
mod cursor;
mod database;
mod entry;
mod event;
mod export;
mod fields;
mod files;
mod filter;
#[cfg(test)]
mod fuzz;
mod idempotency;
mod invocation;
pub mod migrate;
mod opaque;
pub mod openapi;
mod page;
mod problem;
mod query;
pub mod request;
pub mod response;
mod server_timing;
mod since;
mod sort;
mod task;
mod tasks;
mod unique_names;

pub use auth::{
    Account, Accounts, Deletion, Login, Logout, Profile, ProfileChanges, Refresh, Registration,
    Session, User, UserId,
};
pub use batch::Batch;
pub use config::ConfigError;
pub use context::{Context, KeySet, Service};
pub use entry::{Handler, serve};
pub use export::Export;
pub use fields::{Fields, FromFields};
pub use files::{File, Found, Site};
pub use idempotency::IdempotencyKey;
pub use page::Page;
pub use problem::Problem;
pub use since::Since;
pub use task::{NewTask, Task, TaskChanges};
pub use tasks::{ChangeList, Creation, Outcome, Stats, TaskList, Tasks};

/// What a function is given.
pub type Request = lambda_http::Request;

/// What a function gives back.
pub type Response = lambda_http::Response<lambda_http::Body>;
