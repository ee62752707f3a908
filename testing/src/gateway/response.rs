//! What a function's answer means to a client.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use local::{Context, Error, Result};

/// An HTTP response. `Debug` shows the body as text, for the sake of failing tests.
#[derive(Clone, PartialEq, Eq)]
pub struct GatewayResponse {
    /// 200 and so on.
    pub status: u16,
    /// Values by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The values of `Set-Cookie`, which may come more than once.
    pub cookies: Vec<String>,
    /// Decoded, when it travelled in base64.
    pub body: Vec<u8>,
}

impl GatewayResponse {
    /// Reads a function's answer in payload format 2.0.
    ///
    /// # Errors
    /// When API Gateway would answer 500 for it, or infer what is not there.
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

    /// A header's value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).context(|| {
            let body = String::from_utf8_lossy(&self.body);
            format!("the body `{body}` is not JSON")
        })
    }
}

impl fmt::Debug for GatewayResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("GatewayResponse")
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_becomes_a_response() {
        let response = GatewayResponse::read(&json!({
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
        assert_eq!(response.json(), Ok(json!({ "a": 1 })));
    }

    #[test]
    fn an_answer_without_a_status_code_is_refused() {
        let error = GatewayResponse::read(&json!({ "body": "" })).expect_err("it has none");
        assert!(error.to_string().contains("has no status code"));
    }
}
