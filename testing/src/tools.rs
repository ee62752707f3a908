//! Programs that only tests and benchmarks need: found, else fetched.

mod chromium;
mod node;
mod schemathesis;

pub use chromium::chromium;
pub use node::{node, node_modules};
pub use schemathesis::schemathesis;
