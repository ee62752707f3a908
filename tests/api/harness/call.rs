//! One request, sent the way API Gateway sends it, and its answer.

use std::collections::BTreeMap;

use local::gateway::{BodyEncoding, GatewayResponse, Request, event};
use serde_json::{Value, json};

use super::Service;

/// A request in the making.
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

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// A body that is said to be JSON.
    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string().as_bytes())
    }

    /// Any body.
    pub fn raw(mut self, media_type: &str, body: &[u8]) -> Self {
        self.body = Some(body.to_vec());
        self.header("content-type", media_type)
    }

    /// Sends the body in base64, as API Gateway does with binary ones.
    pub fn in_base64(mut self) -> Self {
        self.body_encoding = BodyEncoding::Base64;
        self
    }

    /// Where API Gateway sees the request come from; without this, loopback.
    pub fn source_address(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    /// The event of this request and the name of the function it goes to.
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

    /// Sends it and waits for the answer.
    pub async fn send(self) -> Answer {
        let (event, function) = self.event();
        let answer = self.service.function(&function).invoke(&event).await;
        let answer = answer.expect("the function answers");
        Answer(GatewayResponse::read(&answer).expect("the answer is a response"))
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer(GatewayResponse);

impl Answer {
    pub fn status(&self) -> u16 {
        self.0.status
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.header(name)
    }

    /// All headers but the request's id, which is never the same.
    pub fn headers(&self) -> BTreeMap<&str, &str> {
        let headers = self.0.headers.iter();
        headers
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| *name != "x-request-id")
            .collect()
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0.body
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.body.clone()).expect("the body is UTF-8")
    }

    pub fn json(&self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("the body is JSON: {self:?}"))
    }

    /// The JSON of an answer that has to have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status(), status, "{self:?}");
        if status == 204 {
            assert_eq!(self.text(), "");
            return Value::Null;
        }
        self.json()
    }

    /// The problem of an answer that has to be one, of this status and type.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, kind: &str) -> Value {
        assert_eq!(self.status(), status, "{self:?}");
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json")
        );
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"));
        assert_eq!(problem["status"], status);
        for member in ["title", "detail"] {
            assert!(problem[member].is_string(), "{problem}");
        }
        problem
    }

    /// Holds a refusal of values against the places of all broken rules.
    #[track_caller]
    pub fn expect_invalid(&self, pointers: &[&str]) {
        let problem = self.expect_problem(422, "invalid");
        let errors = problem["errors"].as_array().expect("errors are a list");
        let named: Vec<&Value> = errors.iter().map(|error| &error["pointer"]).collect();
        assert_eq!(named, pointers, "{problem}");
        for error in errors {
            assert!(error["detail"].is_string(), "{problem}");
        }
    }
}

/// The names of an object's members, in alphabetical order.
pub fn members(object: &Value) -> Vec<&str> {
    let object = object.as_object().expect("it is an object");
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// Whether this is a time in UTC by RFC 3339, such as `2026-01-31T12:00:00.5Z`.
pub fn is_utc_time(value: &Value) -> bool {
    let time = value.as_str().and_then(|text| text.strip_suffix('Z'));
    let Some((seconds, fraction)) = time.and_then(|time| time.split_at_checked(19)) else {
        return false;
    };
    let shape = seconds.replace(|c: char| c.is_ascii_digit(), "0");
    let digits = fraction.strip_prefix('.');
    shape == "0000-00-00T00:00:00"
        && (fraction.is_empty()
            || digits.is_some_and(|it| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit())))
}
