//! Programs that only tests and benchmarks need. Downloads go into `target/tools`;
//! nothing is installed.

mod chromium;
mod node;
mod runtime_emulator;
mod schemathesis;

pub use chromium::chromium;
pub use node::{node, node_modules, path_with, path_with_node};
pub use runtime_emulator::runtime_emulator;
pub use schemathesis::schemathesis;
