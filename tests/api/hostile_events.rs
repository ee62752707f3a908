//! Requests that no browser sends and that API Gateway passes on.

use serde_json::json;
use testing::service;

#[tokio::test]
async fn a_query_that_is_no_uri_is_read_as_if_it_were_encoded() {
    let service = service();
    let user = service.new_user().await;
    let title = r#"Say "hello" <world> #1 {}|\^`é"#;
    user.create(title).await;
    user.create("Buy milk").await;
    for query in [
        "q=\"hello\"",
        "q=<world>",
        "q=#1",
        "q={}|\\^`",
        "q=é",
        "q= <",
    ] {
        let list = user.get(&format!("/api/v1/tasks?{query}")).await;
        let list = list.expect(200);
        assert_eq!(list["tasks"][0]["title"], title, "{query}");
        assert_eq!(list["total"], 1, "{query}");
    }
    let answer = user.get("/api/v1/tasks?\"").await;
    answer.expect_problem(400, "bad-request");
}

#[tokio::test]
async fn a_host_or_a_scheme_that_is_none_is_not_read() {
    let service = service();
    let user = service.new_user().await;
    for (name, value) in [
        ("host", "not a host"),
        ("host", "a:b:c"),
        ("x-forwarded-proto", "://"),
        ("x-forwarded-proto", ""),
    ] {
        let call = user
            .call("GET", "/api/v1/tasks?limit=1")
            .header(name, value);
        let empty = json!({"tasks": [], "total": 0, "next_cursor": null});
        assert_eq!(call.send().await.expect(200), empty, "{name}: {value}");
    }
}
