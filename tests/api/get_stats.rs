//! `GET /api/v1/tasks/stats`

use serde_json::json;

use crate::harness::service;

#[tokio::test]
async fn tasks_are_counted_by_status_and_overdue_ones_apart() {
    let service = service();
    let (user, stranger) = (service.new_user().await, service.new_user().await);
    stranger.create("Not counted").await;
    let nothing = json!({"total": 0, "pending": 0, "in_progress": 0, "completed": 0, "overdue": 0});
    let stats = user.get("/api/v1/tasks/stats").await;
    assert_eq!(stats.expect(200), nothing);

    for (status, due_date) in [
        ("pending", None),
        ("pending", Some("2020-01-01")),
        ("pending", Some("2999-12-31")),
        ("in_progress", Some("2020-01-01")),
        ("completed", Some("2020-01-01")),
        ("completed", None),
    ] {
        let body = json!({"title": "Counted", "status": status, "due_date": due_date});
        user.post("/api/v1/tasks", &body).await.expect(201);
    }
    for family in user.families() {
        let stats = user.get(&format!("{family}/stats")).await;
        assert_eq!(stats.header("cache-control"), Some("private, no-cache"));
        assert_eq!(
            stats.expect(200),
            json!({"total": 6, "pending": 3, "in_progress": 1, "completed": 2, "overdue": 2})
        );
    }
}
