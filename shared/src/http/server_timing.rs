//! `Server-Timing` (<https://www.w3.org/TR/server-timing/>): where the time of
//! one request went, in the developer tools of a browser.

use std::time::Duration;

use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};

use crate::invocation::DatabaseUse;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Adds the header. `total` is what the function took: API Gateway, the
/// network and the start of the environment come on top.
pub(crate) fn insert(
    headers: &mut HeaderMap,
    database: &DatabaseUse,
    total: Duration,
    is_cold: bool,
) {
    let text = format!(
        "db;dur={}, trips;desc=\"{}\", total;dur={}, start;desc=\"{}\"",
        milliseconds(database.waited),
        database.round_trips,
        milliseconds(total),
        if is_cold { "cold" } else { "warm" },
    );
    // Digits and the words above are all that it can be.
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(SERVER_TIMING, value);
    }
}

/// Milliseconds with three decimals.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}
