//! `POST /api/v1/tasks/{task_id}/toggle`

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use testing::{Answer, TestUser, id_of, is_utc_time, path_of, service};
use tokio::task::JoinSet;
use uuid::Uuid;

#[tokio::test]
async fn a_toggle_completes_and_another_reopens() {
    let user = service().new_user().await;
    let task = user.create("Buy milk").await;
    for (status, completed, version) in [
        ("completed", true, 2),
        ("pending", false, 3),
        ("completed", true, 4),
    ] {
        let answer = toggle(&user, &task).await;

        let toggled = answer.expect(200);
        assert_eq!(
            (&toggled["status"], &toggled["completed"]),
            (&json!(status), &json!(completed))
        );
        let etag = format!("\"{version}\"");
        assert_eq!(answer.header("etag"), Some(etag.as_str()));
        assert_eq!(user.row_of(&toggled).await["version"], version);
    }
}

#[tokio::test]
async fn a_task_in_progress_is_completed() {
    let user = service().new_user().await;
    let body = json!({"title": "Buy milk", "status": "in_progress"});
    let task = user.post("/api/v1/tasks", &body).await.expect(201);

    let toggled = toggle(&user, &task).await.expect(200);

    assert_eq!(toggled["status"], "completed");
    user.row_of(&toggled).await;
}

#[tokio::test]
async fn a_toggle_changes_the_status_and_nothing_else() {
    let user = service().new_user().await;
    let body = json!({"title": "Pay", "description": "Rent", "due_date": "2026-12-31"});
    let task = user.post("/api/v1/tasks", &body).await.expect(201);

    let toggled = toggle(&user, &task).await.expect(200);

    assert!(is_utc_time(&toggled["updated_at"]), "{toggled}");
    let mut expected = task;
    expected["status"] = json!("completed");
    expected["completed"] = json!(true);
    expected["updated_at"] = toggled["updated_at"].clone();
    expected["version"] = json!(2);
    assert_eq!(toggled, expected);
}

#[tokio::test]
async fn a_toggle_does_not_read_its_body() {
    let user = service().new_user().await;
    let task = user.create("Buy milk").await;
    let path = format!("{}/toggle", path_of(&task));

    let answer = user
        .call("POST", &path)
        .raw("text/plain", b"{")
        .send()
        .await;

    assert_eq!(answer.expect(200)["status"], "completed");
}

#[tokio::test]
async fn both_route_families_toggle() {
    let user = service().new_user().await;
    let task = user.create("Buy milk").await;
    for (family, status) in user.families().iter().zip(["completed", "pending"]) {
        let path = format!("{family}/{}/toggle", id_of(&task));
        let answer = user.call("POST", &path).send().await;

        let toggled = answer.expect(200);
        assert_eq!(toggled["status"], status, "{family}");
        user.row_of(&toggled).await;
    }
}

#[tokio::test]
async fn a_task_that_does_not_exist_cannot_be_toggled() {
    let user = service().new_user().await;
    let path = format!("/api/v1/tasks/{}/toggle", Uuid::now_v7());

    let answer = user.call("POST", &path).send().await;

    answer.expect_problem(404, "not-found");
    assert!(user.stored().await.is_empty());
}

#[tokio::test]
async fn a_malformed_id_toggles_nothing() {
    let user = service().new_user().await;
    let task = user.create("Buy milk").await;
    for id in ["1", "%25", &id_of(&task).replace('-', "")] {
        let path = format!("/api/v1/tasks/{id}/toggle");
        let answer = user.call("POST", &path).send().await;

        answer.expect_problem(400, "bad-request");
        assert_eq!(user.row_of(&task).await["version"], 1);
    }
}

#[tokio::test]
async fn no_toggle_is_lost_among_concurrent_ones() {
    const TOGGLES: i64 = 12;
    let user = Arc::new(service().new_user().await);
    let task = user.create("Buy milk").await;
    for _ in 0..3 {
        let function = user.service.function("toggle-task");
        function.add_process().expect("another process starts");
    }

    let mut toggles = JoinSet::new();
    for _ in 0..TOGGLES {
        let (user, task) = (user.clone(), task.clone());
        toggles.spawn(async move { toggle(&user, &task).await });
    }
    let answers = toggles.join_all().await;

    let etags: BTreeSet<&str> = answers.iter().filter_map(|it| it.header("etag")).collect();
    assert_eq!(
        etags.len(),
        answers.len(),
        "each one made a version of its own: {answers:?}"
    );
    let after = user.get(&path_of(&task)).await.expect(200);
    assert_eq!(after["status"], "pending");
    assert_eq!(user.row_of(&after).await["version"], 1 + TOGGLES);
}

async fn toggle(user: &TestUser, task: &Value) -> Answer {
    let path = format!("{}/toggle", path_of(task));
    user.call("POST", &path).send().await
}
