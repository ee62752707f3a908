//! The service through its front door: real function binaries, real events,
//! real PostgreSQL behind a real PgBouncer, over verified TLS.

mod harness;

mod concurrency;
mod configuration;
mod create_task;
mod delete_task;
mod failures;
mod get_task;
mod health;
mod jwks;
mod list_tasks;
mod login;
mod logs;
mod migrate;
mod ownership;
mod register;
mod round_trips;
mod row_level_security;
mod toggle_task;
mod update_task;
mod watch;
