//! The service under faults of production: the client's answer, the stored rows,
//! and the next request.
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
