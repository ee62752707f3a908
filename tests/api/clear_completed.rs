//! `DELETE /api/v1/tasks?completed=true`

use serde_json::json;
use testing::{path_of, service};

#[tokio::test]
async fn completed_tasks_go_and_no_others() {
    let service = service();
    let (user, stranger) = (service.new_user().await, service.new_user().await);
    for family in user.families() {
        let kept = user.create("Open").await;
        for status in ["completed", "completed", "in_progress"] {
            let body = json!({"title": status, "status": status});
            user.post("/api/v1/tasks", &body).await.expect(201);
            stranger.post("/api/v1/tasks", &body).await.expect(201);
        }
        let all_of_stranger = stranger.stored().await;

        let answer = user.delete(&format!("{family}?completed=true")).await;

        assert_eq!(answer.expect(200), json!({"deleted": 2}));
        let left = user.stored().await;
        assert!(left.iter().all(|row| row["completed"] == false));
        user.row_of(&kept).await;
        assert_eq!(stranger.stored().await, all_of_stranger);
        let again = user.delete(&format!("{family}?completed=true")).await;
        assert_eq!(again.expect(200), json!({"deleted": 0}));
    }
}

#[tokio::test]
async fn without_saying_completed_nothing_is_deleted() {
    let user = service().new_user().await;
    let task = user.create("Done").await;
    let path = path_of(&task);
    user.patch(&path, &json!({"completed": true}))
        .await
        .expect(200);
    for query in [
        "",
        "?completed=false",
        "?completed=",
        "?completed=TRUE",
        "?completed=true&completed=true",
        "?completed=true&status=pending",
        "?status=completed",
    ] {
        let answer = user.delete(&format!("/api/v1/tasks{query}")).await;
        answer.expect_problem(400, "bad-request");
    }
    user.get(&path).await.expect(200);
}

#[tokio::test]
async fn more_than_ten_thousand_go_in_several_requests() {
    let service = service();
    let user = service.new_user().await;
    // A third of them are completed.
    service.fill(&user.id, 30_010).await;
    for deleted in [10_000, 3, 0] {
        let answer = user.delete("/api/v1/tasks?completed=true").await;
        assert_eq!(answer.expect(200), json!({ "deleted": deleted }));
    }
    let left = user.get("/api/v1/tasks?limit=1").await.expect(200);
    assert_eq!(left["total"], 20_007);
}
