//! Reading JSON, queries and paths, with every broken rule collected.

pub(crate) mod fields;
pub(crate) mod opaque;
pub(crate) mod path;
pub(crate) mod query;
mod unique_names;

pub use fields::{Fields, FromFields};
