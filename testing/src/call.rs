//! One request, sent as API Gateway sends it.

use serde_json::{Value, json};

use super::gateway::{BodyEncoding, Request, event};
use super::{Answer, Service};

/// A request that a test completes and sends.
pub struct Call<'s> {
    service: &'s Service,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    body_encoding: BodyEncoding,
    address: Option<String>,
}

impl<'s> Call<'s> {
    /// A request without headers and body.
    pub fn new(service: &'s Service, method: &str, target: &str) -> Self {
        Self {
            service,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: None,
            body_encoding: BodyEncoding::Text,
            address: None,
        }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a bearer token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sets a JSON body and its media type.
    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string().as_bytes())
    }

    /// Sets a body and its media type.
    pub fn raw(mut self, media_type: &str, body: &[u8]) -> Self {
        self.body = Some(body.to_vec());
        self.header("content-type", media_type)
    }

    /// Encodes the body in base64, as API Gateway does with binary bodies.
    pub fn in_base64(mut self) -> Self {
        self.body_encoding = BodyEncoding::Base64;
        self
    }

    /// Sets the client's address. The default is loopback.
    pub fn source_address(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    /// The event of this request, and the name of its function.
    pub fn event(&self) -> (Value, String) {
        let headers: Vec<(&str, &str)> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let request = Request {
            method: &self.method,
            target: &self.target,
            headers: &headers,
            body: self.body.as_deref(),
            body_encoding: self.body_encoding,
        };
        let found = self
            .service
            .routes()
            .find(&self.method, request.path())
            .unwrap_or_else(|| panic!("no route for {} {}", self.method, self.target));
        let mut event = event(&request, &found);
        if let Some(address) = &self.address {
            event["requestContext"]["http"]["sourceIp"] = json!(address);
        }
        (event, found.route.function.clone())
    }

    /// Sends the request and waits for the answer.
    pub async fn send(self) -> Answer {
        let (event, function) = self.event();
        let answer = self.service.function(&function).invoke(&event).await;
        let answer = answer.expect("the function answers");
        Answer::read(&answer).expect("the answer is a response")
    }
}
