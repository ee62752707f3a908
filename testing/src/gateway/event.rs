//! The event that API Gateway sends to a function for a request.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Found;

/// The form of a body inside an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BodyEncoding {
    /// Text when the body is UTF-8, else [`BodyEncoding::Base64`].
    #[default]
    Text,
    /// Base64, which API Gateway uses for media types that it takes for binary.
    Base64,
}

/// A request as a client sends it.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`.
    pub method: &'a str,
    /// Path and query, as in the request line.
    pub target: &'a str,
    /// Names in any case, possibly repeated.
    pub headers: &'a [(&'a str, &'a str)],
    /// `None` for a request without a body.
    pub body: Option<&'a [u8]>,
    /// The form of the body inside the event.
    pub body_encoding: BodyEncoding,
}

impl<'a> Request<'a> {
    /// A request without headers and body.
    pub fn new(method: &'a str, target: &'a str) -> Self {
        Self {
            method,
            target,
            headers: &[],
            body: None,
            body_encoding: BodyEncoding::Text,
        }
    }

    /// The path without the query.
    pub fn path(&self) -> &'a str {
        self.target
            .split_once('?')
            .map_or(self.target, |(path, _)| path)
    }

    fn query(&self) -> &'a str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

/// The event for `request`, which [`Routes::find`](super::Routes::find) sent to `found`.
pub fn event(request: &Request<'_>, found: &Found<'_>) -> Value {
    let (headers, cookies) = headers(request);
    let route = found.route.key();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": request.path(),
        "rawQueryString": request.query(),
        "requestContext": context(request, &route, &headers),
        "headers": headers,
        "isBase64Encoded": false,
    });
    // API Gateway leaves out empty members.
    let mut add = |name: &str, value: Value| event[name] = value;
    if !cookies.is_empty() {
        add("cookies", json!(cookies));
    }
    let query = query_parameters(request.query());
    if !query.is_empty() {
        add("queryStringParameters", json!(query));
    }
    if !found.path_parameters.is_empty() {
        add("pathParameters", json!(found.path_parameters));
    }
    if let Some(body) = request.body {
        let (body, is_base64_encoded) = encode(body, request.body_encoding);
        add("body", json!(body));
        add("isBase64Encoded", json!(is_base64_encoded));
    }
    event
}

fn context(request: &Request<'_>, route: &str, headers: &BTreeMap<String, String>) -> Value {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    json!({
        "accountId": "123456789012",
        "apiId": "local",
        "domainName": "127.0.0.1",
        "domainPrefix": "local",
        "http": {
            "method": request.method,
            "path": request.path(),
            "protocol": "HTTP/1.1",
            "sourceIp": "127.0.0.1",
            "userAgent": headers.get("user-agent").map_or("local", String::as_str),
        },
        "requestId": Uuid::new_v4().simple().to_string(),
        "routeKey": route,
        "stage": "$default",
        "time": common_log_time(now.as_secs()),
        "timeEpoch": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
    })
}

/// Headers by lower-case name, with repeated ones joined by commas; and the cookies.
fn headers(request: &Request<'_>) -> (BTreeMap<String, String>, Vec<String>) {
    let mut headers = BTreeMap::new();
    let mut cookies = Vec::new();
    for (name, value) in request.headers {
        let name = name.to_ascii_lowercase();
        if name == "cookie" {
            cookies.extend(value.split("; ").map(str::to_owned));
        } else {
            join(&mut headers, name, value);
        }
    }
    (headers, cookies)
}

fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        join(&mut parameters, decode(name), &decode(value));
    }
    parameters
}

fn join(map: &mut BTreeMap<String, String>, name: String, value: &str) {
    map.entry(name)
        .and_modify(|joined| {
            joined.push(',');
            joined.push_str(value);
        })
        .or_insert_with(|| value.to_owned());
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

fn encode(body: &[u8], encoding: BodyEncoding) -> (String, bool) {
    match (encoding, str::from_utf8(body)) {
        (BodyEncoding::Text, Ok(text)) => (text.to_owned(), false),
        _ => (STANDARD.encode(body), true),
    }
}

/// `12/Mar/2020:19:03:58 +0000`.
fn common_log_time(seconds: u64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let month = MONTHS[month];
    format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// The year, the month from 0, and the day from 1.
fn date(days_since_1970: u64) -> (u64, usize, u64) {
    let (mut year, mut days) = (1970, days_since_1970);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let days_of_year = |year| if is_leap(year) { 366 } else { 365 };
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 0;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Routes;

    fn routes() -> Routes {
        Routes::from_manifest(
            "[workspace.metadata.lambda.watch.router]\n\
             \"/api/v1/tasks/{task_id}\" = [{ function = \"get-task\", method = \"GET\" }]",
        )
        .expect("it is well formed")
    }

    fn event_of(request: &Request<'_>) -> Value {
        let routes = routes();
        let found = routes.find(request.method, request.path());
        event(request, &found.expect("there is such a route"))
    }

    #[test]
    fn an_event_has_the_shape_of_payload_2_0() {
        let mut request = Request::new("GET", "/api/v1/tasks/a%20b?x=1&x=2&y=%C3%A4+b");
        request.headers = &[("X-One", "1"), ("Cookie", "a=1; b=2"), ("x-one", "2")];
        let event = event_of(&request);
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["routeKey"], "GET /api/v1/tasks/{task_id}");
        assert_eq!(event["rawPath"], "/api/v1/tasks/a%20b");
        assert_eq!(event["rawQueryString"], "x=1&x=2&y=%C3%A4+b");
        assert_eq!(event["headers"], json!({ "x-one": "1,2" }));
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        assert_eq!(event["pathParameters"], json!({ "task_id": "a b" }));
        assert_eq!(
            event["queryStringParameters"],
            json!({ "x": "1,2", "y": "ä b" })
        );
        assert_eq!(event["requestContext"]["http"]["method"], "GET");
        assert_eq!(event["requestContext"]["stage"], "$default");
        assert_eq!(event["isBase64Encoded"], false);
        assert_eq!(event.get("body"), None);
    }

    #[test]
    fn a_body_travels_as_text_unless_it_cannot_or_shall_not() {
        let mut request = Request::new("GET", "/api/v1/tasks/1");
        request.body = Some(b"{}");
        assert_eq!(event_of(&request)["body"], "{}");
        request.body_encoding = BodyEncoding::Base64;
        let encoded = event_of(&request);
        assert_eq!(encoded["body"], "e30=");
        assert_eq!(encoded["isBase64Encoded"], true);
        request.body_encoding = BodyEncoding::Text;
        request.body = Some(&[0xff]);
        assert_eq!(event_of(&request)["isBase64Encoded"], true);
    }

    #[test]
    fn the_time_is_that_of_the_common_log_format() {
        assert_eq!(common_log_time(1_583_348_638), "04/Mar/2020:19:03:58 +0000");
        assert_eq!(common_log_time(1_709_164_800), "29/Feb/2024:00:00:00 +0000");
        assert_eq!(common_log_time(1_735_689_599), "31/Dec/2024:23:59:59 +0000");
    }
}
