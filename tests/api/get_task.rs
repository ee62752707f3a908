//! `GET /api/v1/tasks/{task_id}`

use serde_json::json;
use testing::{id_of, path_of, service};
use uuid::Uuid;

/// Texts that are no UUID of 36 characters. Other endpoints share the rule and are
/// tested with fewer texts.
const MALFORMED_IDS: [&str; 15] = [
    "1",
    "0",
    "-1",
    "null",
    "tasks",
    "019365c0",
    "019365c07b5a7cc18d3e2f6a4b1c9e70",
    "{019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70}",
    "%7B019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70%7D",
    "urn:uuid:019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70",
    "019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e7z",
    "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz",
    "0193-65c07b5a-7cc1-8d3e-2f6a4b1c9e70",
    "%00%ff%zz%27%20or%201=1--%2F..%2F",
    "019365c0-7b5a-7cc1-8d3e-2f6a4b1c%C3%A4e7",
];

#[tokio::test]
async fn a_task_is_answered_whole() {
    let user = service().new_user().await;
    let body = json!({
        "title": "Pay the rent",
        "description": "Before noon.",
        "status": "in_progress",
        "due_date": "2026-12-31",
    });
    let made = user.post("/api/v1/tasks", &body).await.expect(201);

    let answer = user.get(&path_of(&made)).await;

    assert_eq!(answer.expect(200), made);
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    user.row_of(&made).await;
}

#[tokio::test]
async fn the_etag_stays_while_the_task_does() {
    let user = service().new_user().await;
    let path = path_of(&user.create("Buy milk").await);

    let (first, second) = (user.get(&path).await, user.get(&path).await);

    assert_eq!(first.expect(200), second.expect(200));
    assert_eq!(first.header("etag"), second.header("etag"));
}

#[tokio::test]
async fn both_route_families_show_the_same_task() {
    let user = service().new_user().await;
    let task = user.create("Buy milk").await;
    for family in user.families() {
        let answer = user.get(&format!("{family}/{}", id_of(&task))).await;

        assert_eq!(answer.expect(200), task, "{family}");
    }
}

#[tokio::test]
async fn an_id_may_be_written_in_other_ways() {
    let user = service().new_user().await;
    let task = user.create("Buy milk").await;
    let id = id_of(&task);
    let first_digit = id.bytes().next().expect("it has digits");
    for written in [
        id.to_uppercase(),
        id.replace('-', "%2D"),
        id.replace('-', "%2d"),
        format!("%{first_digit:02x}{}", &id[1..]),
    ] {
        let answer = user.get(&format!("/api/v1/tasks/{written}")).await;

        assert_eq!(answer.expect(200), task, "{written}");
    }
}

#[tokio::test]
async fn a_malformed_id_is_refused() {
    let user = service().new_user().await;
    for family in user.families() {
        for id in MALFORMED_IDS {
            let answer = user.get(&format!("{family}/{id}")).await;

            assert_eq!(answer.status(), 400, "{id}: {answer:?}");
            answer.expect_problem(400, "bad-request");
        }
    }
}

#[tokio::test]
async fn a_task_that_does_not_exist_is_not_found() {
    let user = service().new_user().await;
    user.create("Buy milk").await;
    for id in [Uuid::now_v7(), Uuid::new_v4(), Uuid::nil(), Uuid::max()] {
        let answer = user.get(&format!("/api/v1/tasks/{id}")).await;

        answer.expect_problem(404, "not-found");
        assert_eq!(answer.header("etag"), None);
    }
}
