//! A client for HTTP servers on this machine.

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use super::Answer;

/// Sends a request and waits for the whole answer.
pub async fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned()));
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let answer = client.request(request.expect("the request is HTTP")).await;
    let (head, body) = answer.expect("there is an answer").into_parts();
    let body = body.collect().await.map(|body| body.to_bytes());
    Answer::of_http(&head, &body.expect("the answer is whole"))
}

/// Does the same with an optional bearer token and an optional JSON body.
pub async fn call(method: &str, url: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let mut headers = Vec::new();
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    headers.extend(body.map(|_| ("content-type", "application/json")));
    let body = body.map(Value::to_string).unwrap_or_default();
    send(method, url, &headers, &body).await
}
