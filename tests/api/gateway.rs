//! The service over HTTP, as browsers reach it.

use serde_json::json;
use testing::{http, service};

#[tokio::test]
async fn a_request_reaches_its_function_and_the_answer_its_client() {
    let user = service().new_user().await;
    let gateway = service().listen();
    let url = format!("{}/api/v1/tasks", gateway.origin());
    let body = json!({"title": "Über HTTP"});

    let answer = http::call("POST", &url, Some(&user.token), Some(&body)).await;

    assert_eq!(answer.expect(201)["title"], "Über HTTP");
    assert_eq!(answer.header("etag"), Some("\"1\""));
}

#[tokio::test]
async fn a_path_without_a_route_is_not_found() {
    let gateway = service().listen();

    for (method, path) in [("GET", "/nowhere"), ("POST", "/")] {
        let url = format!("{}{path}", gateway.origin());
        let answer = http::call(method, &url, None, None).await;
        assert_eq!(answer.expect(404), json!({"message": "Not Found"}));
    }
}

#[tokio::test]
async fn requests_at_once_are_all_answered() {
    let gateway = service().listen();
    let requests = (0..16).map(|_| {
        let url = format!("{}/health/live", gateway.origin());
        tokio::spawn(async move { http::call("GET", &url, None, None).await })
    });
    let requests: Vec<_> = requests.collect();

    for request in requests {
        let answer = request.await.expect("it ends");
        assert_eq!(answer.expect(200), json!({"status": "ok"}));
    }
}
