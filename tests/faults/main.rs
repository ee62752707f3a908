//! The service, broken on purpose in the ways that production will: what the
//! client hears, what is stored, and that the next request works.
//!
//! `cargo test --test faults`; `PROPTEST_CASES` sets how many cuts are tried.

pub mod backends;
mod certificates;
mod cuts;
mod frozen;
mod pooler;
mod processes;
mod servers;
mod standby;
mod states;
