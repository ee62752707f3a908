//! Requests and responses: the way in, and the way out.

mod entry;
mod event;
mod files;
mod proxy;
pub mod request;
pub mod response;
mod server_timing;

pub use entry::{Handler, serve};
pub use files::{File, Found, Site, file_response};
pub use lambda_http::Request;

/// The answer of a function.
pub type Response = lambda_http::Response<lambda_http::Body>;

#[cfg(test)]
pub(crate) use event::encode_query;
#[cfg(test)]
pub(crate) use files::STRICT_POLICY;
