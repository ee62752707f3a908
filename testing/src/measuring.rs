//! The parts that benchmarks share: options, figures, processes, pictures.

pub mod chart;
pub mod document;
pub mod issuer;
pub mod options;
pub mod processes;
pub mod release;
pub mod statistics;
pub mod throttle;
