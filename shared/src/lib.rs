//! The crate that all functions of the todo service share.
//!
//! The rooms, from the door inwards. A room uses only those below it;
//! `rooms.rs` reads this table and holds every `use` against it.
//!
//! | room | subject |
//! |---|---|
//! | `openapi` | the contract, made from the types below; only tests compile it, and hold `openapi.json` to it |
//! | `http` | requests and responses: [`serve`], [`request`], [`response`], files of a page |
//! | `context` | [`Context`]: what a handler is lent |
//! | `journey` | a client of the deployed API that shows whether clients are served |
//! | `migrate` | how the tables and roles are made, from a shell or at deployment |
//! | `tasks` | [`Tasks`]: what may be done with the tasks of one user |
//! | `auth` | tokens, keys, built-in accounts: how a request becomes a [`User`] |
//! | `database` | the one connection, and the call: a transaction in one round trip |
//! | `model` | a task, a batch, a page of a list, preconditions: values and limits |
//! | `input` | reading JSON, queries and paths, with every broken rule collected |
//! | `config` | every variable, read and checked once |
//! | `https` | requests of ours to other servers |
//! | `log` | one JSON object a line |
//! | `invocation` | how long the request in progress may still take |
//! | `problem` | [`Problem`]: the one error, and the one table of SQLSTATEs |
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
//! - There is no SQL but the call of a function, no statement with a name,
//!   and no custom type among the result columns; `database::call` says why.
//! - A handler returns a [`Problem`] or an answer; nothing else reaches a
//!   client, and no problem shows its cause.

mod auth;
mod config;
mod context;
mod database;
#[cfg(test)]
mod fuzz;
mod http;
mod https;
mod input;
mod invocation;
pub mod journey;
mod log;
pub mod migrate;
mod model;
#[cfg(test)]
mod openapi;
mod problem;
#[cfg(test)]
mod rooms;
mod tasks;

pub use auth::{
    Account, Deletion, KeySet, Login, Logout, Profile, ProfileChanges, Refresh, Registration,
    Session, Sessions, User,
};
pub use config::ConfigError;
pub use context::{Accounts, Context, Service};
pub use http::{
    File, Found, Handler, Request, Response, Site, file_response, request, response, serve,
};
pub use input::{Fields, FromFields};
pub use model::{
    Batch, IdempotencyKey, NewTask, Page, Since, Task, TaskChanges, UserId, conditions,
};
pub use problem::Problem;
pub use tasks::{
    BatchResult, ChangeList, Creation, Deleted, Export, Outcome, Stats, TaskList, Tasks,
};
