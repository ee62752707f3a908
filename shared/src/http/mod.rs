//! Requests and responses: the way in, and the way out.

mod entry;
mod event;
mod files;
pub mod request;
pub mod response;
mod server_timing;

pub use entry::{Handler, serve};
pub use files::{File, Found, Site, file_response};

#[cfg(test)]
pub(crate) use event::mend;
pub(crate) use files::STRICT_POLICY;
