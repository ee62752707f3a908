//! The address to which a custom resource sends its answer: an object in S3 that
//! CloudFormation reads.

use std::fs;

use native_tls::Identity;
use serde_json::Value;

use super::{Reply, Service, StubServer};

/// A stand-in for the pre-signed URL, on loopback, until the process ends.
pub struct ResponseUrl(StubServer);

/// A request to it.
#[derive(Clone, Debug)]
pub struct Put {
    /// The request line and the headers.
    pub head: String,
    /// The answer of the custom resource.
    pub body: Value,
}

impl ResponseUrl {
    /// Answers the first requests with these statuses, then 200.
    pub fn start(statuses: &[&str]) -> Self {
        let server = StubServer::start(Reply::ok(""));
        server.reply_first(statuses.iter().map(|status| Reply::status(status, "")));
        Self(server)
    }

    /// Shows the certificate of the service's database.
    pub fn start_with_tls(service: &Service) -> Self {
        let directory = service.stack.directory();
        let read = |name: &str| fs::read(directory.join(name)).expect("the stack has made it");
        let identity = Identity::from_pkcs8(&read("server.pem"), &read("server.key"));
        let identity = identity.expect("it is a certificate and its key");
        Self(StubServer::start_with_tls(identity, Reply::ok("")))
    }

    /// The URL, with the special characters of a real one.
    pub fn url(&self) -> String {
        format!(
            "{}/arn%3Aaws%3Acloudformation%3Aeu-central-1%3A123456789012%3Astack/todo-dev/\
             51af3dc0%7CMigrations%7C8f0c?X-Amz-Signature=hunter2%2B&X-Amz-Expires=7200",
            self.0.origin()
        )
    }

    /// All requests so far. S3 needs the length of each.
    pub fn requests(&self) -> Vec<Put> {
        let received = self.0.received().into_iter();
        received
            .map(|request| {
                let length = format!("content-length: {}\r\n", request.body.len());
                assert!(request.head.contains(&length), "{}", request.head);
                Put {
                    body: request.json(),
                    head: request.head,
                }
            })
            .collect()
    }
}
