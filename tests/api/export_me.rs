//! `GET /api/v1/me/export`

use serde_json::{Value, json};
use testing::{is_utc_time, members, path_of, service};

#[tokio::test]
async fn an_export_has_the_account_the_sign_ins_and_every_task() {
    let service = service();
    let (user, stranger) = (service.new_user().await, service.new_user().await);
    stranger.create("Private").await;
    let mut tasks = Vec::new();
    for number in 0..5 {
        tasks.push(user.create(&format!("Task {number}")).await);
    }
    user.sign_in().await;

    let mut exported: Vec<Value> = Vec::new();
    let mut path = "/api/v1/me/export?limit=2".to_owned();
    loop {
        let answer = user.get(&path).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let page = answer.expect(200);
        assert_eq!(members(&page), ["next_cursor", "sign_ins", "tasks", "user"]);
        assert_eq!(page["user"], user.get("/api/v1/me").await.expect(200));
        let sign_ins = page["sign_ins"].as_array().expect("a list");
        assert_eq!(sign_ins.len(), 2, "{page}");
        for sign_in in sign_ins {
            assert_eq!(members(sign_in), ["expires_at", "signed_in_at"]);
            assert!(is_utc_time(&sign_in["expires_at"]));
        }
        exported.extend(page["tasks"].as_array().expect("a list").clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/v1/me/export?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(exported, tasks);
    let all = user.get("/api/v1/me/export").await.expect(200);
    assert_eq!(all["tasks"], json!(tasks));
}

#[tokio::test]
async fn a_sign_in_that_has_ended_is_not_exported() {
    let user = service().new_user().await;
    let body = json!({"refresh_token": user.refresh_token});
    user.refresh(&user.refresh_token).await.expect(200);
    let page = user.get("/api/v1/me/export").await.expect(200);
    assert_eq!(page["sign_ins"].as_array().map(Vec::len), Some(1));

    let logout = user.service.post("/api/v1/auth/logout");
    logout.json(&body).send().await.expect(204);
    let page = user.get("/api/v1/me/export").await.expect(200);
    assert_eq!(page["sign_ins"], json!([]));
}

#[tokio::test]
async fn an_export_needs_a_token_and_knows_its_parameters() {
    let service = service();
    let user = service.new_user().await;
    let task = user.create("Milk").await;
    let answer = service.get("/api/v1/me/export").send().await;
    answer.expect_problem(401, "unauthorized");
    for query in ["?offset=1", "?sort=title", "?cursor=x", "?limit=1&limit=1"] {
        let answer = user.get(&format!("/api/v1/me/export{query}")).await;
        answer.expect_problem(400, "bad-request");
    }
    let answer = user.get("/api/v1/me/export?limit=0").await;
    answer.expect_invalid(&["?limit"]);
    user.get(&path_of(&task)).await.expect(200);
}
