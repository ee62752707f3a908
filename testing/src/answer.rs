//! Answers to requests, over HTTP or from a function itself.

use std::collections::BTreeMap;
use std::fmt;

use axum::http::header::SET_COOKIE;
use axum::http::response::Parts;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use local::{Context, Error, Result};
use serde_json::Value;

/// An HTTP response. `Debug` shows the body as text, because failing tests print it.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub(crate) status: u16,
    /// Values by lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
    /// The values of `Set-Cookie`, which may come more than once.
    pub(crate) cookies: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads a function's answer in payload format 2.0.
    ///
    /// # Errors
    /// When API Gateway would answer 500, or guess a missing status.
    pub fn read(answer: &Value) -> Result<Self> {
        let malformed = |what: &str| Error::new(format!("The function's answer {what}: {answer}"));
        let status = answer["statusCode"]
            .as_u64()
            .and_then(|status| status.try_into().ok())
            .ok_or_else(|| malformed("has no status code"))?;
        let headers = ["headers", "multiValueHeaders"]
            .iter()
            .filter_map(|name| answer[name].as_object())
            .flatten()
            .map(|(name, value)| (name.to_ascii_lowercase(), text(value)))
            .collect();
        let cookies = answer["cookies"].as_array();
        let cookies = cookies.into_iter().flatten().map(text).collect();
        let body = answer["body"].as_str().unwrap_or_default();
        let body = if answer["isBase64Encoded"] == true {
            STANDARD
                .decode(body)
                .context(|| malformed("is not base64"))?
        } else {
            body.as_bytes().to_vec()
        };
        Ok(Self {
            status,
            headers,
            cookies,
            body,
        })
    }

    /// A response that came over HTTP.
    pub(crate) fn of_http(head: &Parts, body: &[u8]) -> Self {
        let (cookies, headers): (Vec<_>, Vec<_>) = head
            .headers
            .iter()
            .map(|(name, value)| (name, String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .partition(|(name, _)| *name == SET_COOKIE);
        Self {
            status: head.status.as_u16(),
            headers: headers
                .into_iter()
                .map(|(name, value)| (name.as_str().to_owned(), value))
                .collect(),
            cookies: cookies.into_iter().map(|(_, value)| value).collect(),
            body: body.to_vec(),
        }
    }

    /// 200 and so on.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header's value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// All headers without the request's id, which always differs.
    pub fn headers(&self) -> BTreeMap<&str, &str> {
        let headers = self.headers.iter();
        headers
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| *name != "x-request-id")
            .collect()
    }

    /// The body as it came.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body, which has to be UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("the body is UTF-8")
    }

    /// The body, which has to be JSON.
    pub fn json(&self) -> Value {
        let text = self.text();
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("the body is JSON: {self:?}"))
    }

    /// Asserts the status and returns the JSON body.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status(), status, "{self:?}");
        if status == 204 {
            assert_eq!(self.text(), "");
            return Value::Null;
        }
        self.json()
    }

    /// Asserts a problem of this status and type, and returns it.
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

    /// Asserts a refusal of the values at these places, and of no others.
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

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &self.headers)
            .field("cookies", &self.cookies)
            .field("body", &String::from_utf8_lossy(&self.body))
            .finish()
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_becomes_a_response() {
        let response = Answer::read(&json!({
            "statusCode": 201,
            "headers": { "ETag": "\"1\"" },
            "multiValueHeaders": { "Vary": ["a", "b"] },
            "cookies": ["a=1", "b=2"],
            "body": "eyJhIjoxfQ==",
            "isBase64Encoded": true,
        }))
        .expect("it is complete");
        assert_eq!(response.status, 201);
        assert_eq!(response.header("etag"), Some("\"1\""));
        assert_eq!(response.header("vary"), Some("a,b"));
        assert_eq!(response.cookies, ["a=1", "b=2"]);
        assert_eq!(response.json(), json!({ "a": 1 }));
    }

    #[test]
    fn an_answer_without_a_status_code_is_refused() {
        let error = Answer::read(&json!({ "body": "" })).expect_err("it has none");
        assert!(error.to_string().contains("has no status code"));
    }
}
