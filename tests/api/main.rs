//! The service through its front door: real function binaries, real events,
//! real PostgreSQL behind a real PgBouncer, over verified TLS.

mod harness;

mod batch_tasks;
mod better_auth;
mod clear_completed;
mod concurrency;
mod conditional;
mod configuration;
mod create_task;
mod delete_me;
mod delete_task;
mod export_me;
mod gateway;
mod get_me;
mod get_stats;
mod get_task;
mod health;
mod hostile_events;
mod idempotency;
mod jwks;
mod key_sources;
mod list_changes;
mod list_filters;
mod list_tasks;
mod login;
mod logout;
mod logs;
mod migrate;
mod ownership;
mod plans;
mod refresh;
mod register;
mod round_trips;
mod row_level_security;
mod secrets;
mod throttle;
mod toggle_task;
mod tokens;
mod update_me;
mod update_task;
mod watch;
mod web;
mod web_page;
