//! API Gateway in small: which function serves a path, what it is given, and
//! what its answer means to a client.
//!
//! The routes are those of `cargo lambda watch`, from the workspace's manifest.
//! Events and responses have the payload format 2.0 of HTTP APIs:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

mod event;
mod routes;
mod server;

pub use event::{BodyEncoding, Request, event};
pub use routes::{Found, Route, Routes};
pub use server::Gateway;
