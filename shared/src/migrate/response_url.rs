//! Where CloudFormation reads the answer of a custom resource: an object that
//! a pre-signed URL lets us write. The URL is a secret and is never logged.

use std::time::Duration;

use hyper::header::CONTENT_TYPE;
use hyper::{Request, Uri};
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::MigrateError;
use crate::config::is_loopback;
use crate::https::HttpsClient;

/// The time limit of one attempt.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(4);

const PAUSE: Duration = Duration::from_millis(500);

/// A checked ResponseURL.
pub(super) struct ResponseUrl(Uri);

impl ResponseUrl {
    /// HTTPS anywhere, or HTTP to loopback.
    pub(super) fn parse(text: &str) -> Result<Self, MigrateError> {
        let uri = text.parse::<Uri>().ok().filter(|uri| {
            let host = uri.host().unwrap_or_default();
            match uri.scheme_str() {
                Some("https") => !host.is_empty(),
                Some("http") => is_loopback(host),
                _ => false,
            }
        });
        uri.map(Self).ok_or_else(|| {
            MigrateError::lasting("The event has no ResponseURL with https, so nobody is answered.")
        })
    }

    /// Writes `response`, again and again until `deadline` where that fails.
    ///
    /// # Errors
    /// A sentence for the log, when it never worked.
    pub(super) async fn put(
        &self,
        response: &Value,
        deadline: Instant,
    ) -> Result<(), MigrateError> {
        loop {
            let attempt_ends = deadline.min(Instant::now() + ATTEMPT_LIMIT);
            let cause = match timeout_at(attempt_ends, self.put_once(response)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(cause)) => cause,
                Err(_) => "no answer in time".into(),
            };
            let next = Instant::now() + PAUSE;
            if next >= deadline {
                return Err(MigrateError::lasting(format!(
                    "CloudFormation could not be answered: {cause}."
                )));
            }
            tracing::warn!(cause, "CloudFormation is answered again");
            sleep_until(next).await;
        }
    }

    async fn put_once(&self, response: &Value) -> Result<(), String> {
        // The signature covers an empty media type.
        let request = Request::put(&self.0)
            .header(CONTENT_TYPE, "")
            .body(response.to_string().into())
            .map_err(|error| error.to_string())?;
        match HttpsClient::new().send(request).await?.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("status {status}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_loopback_is_answered() {
        for good in [
            "https://cloudformation-custom-resource-response-eucentral1.s3.eu-central-1.amazonaws.com/arn%3Aaws%3Acloudformation%3Aeu-central-1%3A123456789012%3Astack/todo-dev/guid%7CMigrations%7Cid?X-Amz-Signature=0f",
            "http://127.0.0.1:8000/answer",
            "http://localhost/answer",
        ] {
            assert!(ResponseUrl::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "http://example.com/", "ftp://127.0.0.1/", "/path"] {
            assert!(ResponseUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
