//! `GET /api/v1/tasks/stats`

use serde_json::json;
use testing::service;

const PATH: &str = "/api/v1/tasks/stats";

#[tokio::test]
async fn tasks_are_counted_by_status_and_overdue_ones_apart() {
    let service = service();
    let (user, stranger) = (service.new_user().await, service.new_user().await);
    stranger.create("Not counted").await;
    let nothing = json!({
        "total": 0, "pending": 0, "in_progress": 0, "completed": 0,
        "overdue": 0, "due_today": 0, "upcoming": 0,
    });
    let stats = user.get(PATH).await;
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
            json!({
                "total": 6, "pending": 3, "in_progress": 1, "completed": 2,
                "overdue": 2, "due_today": 0, "upcoming": 1,
            })
        );
    }
}

#[tokio::test]
async fn what_day_it_is_the_client_may_say() {
    let user = service().new_user().await;
    for (status, due_date) in [
        ("pending", "2030-06-01"),
        ("in_progress", "2030-06-02"),
        ("pending", "2030-06-02"),
        ("completed", "2030-06-02"),
        ("pending", "2030-06-03"),
    ] {
        let body = json!({"title": "Counted", "status": status, "due_date": due_date});
        user.post("/api/v1/tasks", &body).await.expect(201);
    }
    for (today, overdue, due_today, upcoming) in [
        ("2030-05-31", 0, 0, 4),
        ("2030-06-01", 0, 1, 3),
        ("2030-06-02", 1, 2, 1),
        ("2030-06-03", 3, 1, 0),
        ("2030-06-04", 4, 0, 0),
    ] {
        let stats = user.get(&format!("{PATH}?today={today}")).await.expect(200);

        let counted = (&stats["overdue"], &stats["due_today"], &stats["upcoming"]);
        let expected = (&json!(overdue), &json!(due_today), &json!(upcoming));
        assert_eq!(counted, expected, "{today}");
        assert_eq!(stats["total"], 5);
    }
}

#[tokio::test]
async fn a_day_that_is_none_is_refused() {
    let user = service().new_user().await;
    for bad in ["", "today", "2030-02-30", "2030-06-02T00:00:00Z"] {
        let answer = user.get(&format!("{PATH}?today={bad}")).await;
        answer.expect_invalid(&["?today"]);
    }
    for bad in ["today=2030-06-02&today=2030-06-03", "day=2030-06-02"] {
        let answer = user.get(&format!("{PATH}?{bad}")).await;
        answer.expect_problem(400, "bad-request");
    }
}
