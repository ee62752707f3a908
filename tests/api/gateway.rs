//! The service over HTTP, as browsers reach it.

use serde_json::{Value, json};

use crate::harness::{exchange, service};

fn json_of(body: &str) -> Value {
    serde_json::from_str(body).expect("it is JSON")
}

#[tokio::test]
async fn a_request_reaches_its_function_and_the_answer_its_client() {
    let user = service().new_user().await;
    let gateway = service().listen();
    let body = json!({"title": "Über HTTP"}).to_string();
    let request = format!(
        "POST /api/v1/tasks HTTP/1.0\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        user.token,
        body.len()
    );

    let (head, body) = exchange(&gateway.origin(), &request).await;

    assert!(head.starts_with("HTTP/1.0 201"), "{head}");
    assert!(head.contains("\r\netag: \"1\""), "{head}");
    assert_eq!(json_of(&body)["title"], "Über HTTP");
}

#[tokio::test]
async fn a_path_without_a_route_is_not_found() {
    let gateway = service().listen();

    for request in ["GET /nowhere HTTP/1.0\r\n\r\n", "POST / HTTP/1.0\r\n\r\n"] {
        let (head, body) = exchange(&gateway.origin(), request).await;
        assert!(head.starts_with("HTTP/1.0 404"), "{head}");
        assert_eq!(json_of(&body), json!({"message": "Not Found"}));
    }
}

#[tokio::test]
async fn requests_at_once_are_all_answered() {
    let gateway = service().listen();
    let requests = (0..16).map(|_| {
        let origin = gateway.origin();
        tokio::spawn(async move { exchange(&origin, "GET /health/live HTTP/1.0\r\n\r\n").await })
    });
    let requests: Vec<_> = requests.collect();

    for request in requests {
        let (head, body) = request.await.expect("it ends");
        assert!(head.starts_with("HTTP/1.0 200"), "{head}");
        assert_eq!(json_of(&body), json!({"status": "ok"}));
    }
}
