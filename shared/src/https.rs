//! Requests of ours to other servers. They are rare, so a client is made where
//! it is needed and not in the init phase.

use std::error::Error;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, Response};
use hyper_tls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// The largest body that is read.
const MAX_BYTES: usize = 64 * 1024;

/// A client that follows no redirect, because one may lead anywhere.
pub(crate) struct HttpsClient(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl HttpsClient {
    pub(crate) fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build(HttpsConnector::new()))
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// The innermost cause: the outer errors only say that connecting failed.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, String> {
        let answer = self
            .0
            .request(request)
            .await
            .map_err(|error| innermost(&error))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MAX_BYTES).collect().await;
        let body = body.map_err(|error| innermost(&*error))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

fn innermost(mut error: &(dyn Error + 'static)) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
