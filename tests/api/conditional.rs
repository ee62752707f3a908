//! `ETag`, `If-Match` and `If-None-Match`: nobody overwrites a version that they
//! have not read.

use std::sync::Arc;

use serde_json::{Value, json};
use testing::{Answer, TestUser, path_of, service};

/// All changes of one task: method, suffix, body.
const CHANGES: [(&str, &str, Option<&str>); 4] = [
    ("PATCH", "", Some(r#"{"title": "Changed"}"#)),
    ("PUT", "", Some(r#"{"title": "Changed"}"#)),
    ("POST", "/toggle", None),
    ("DELETE", "", None),
];

async fn send(
    user: &TestUser,
    change: (&str, &str, Option<&str>),
    task: &Value,
    header: (&str, &str),
) -> Answer {
    let (method, suffix, body) = change;
    let call = user.call(method, &format!("{}{suffix}", path_of(task)));
    let call = match body {
        Some(body) => call.raw("application/json", body.as_bytes()),
        None => call,
    };
    call.header(header.0, header.1).send().await
}

#[tokio::test]
async fn a_version_that_is_known_is_not_sent_again() {
    let user = service().new_user().await;
    let task = user.create("Read twice").await;
    let get = |tags: &'static str| {
        user.call("GET", &path_of(&task))
            .header("if-none-match", tags)
    };

    let whole = user.get(&path_of(&task)).await;
    assert_eq!(whole.header("etag"), Some(r#""1""#));
    for known in [r#""1""#, r#"W/"1""#, r#""7", "1""#, "*"] {
        let answer = get(known).send().await;
        assert_eq!(
            (answer.status(), answer.text().as_str()),
            (304, ""),
            "{known}"
        );
        for name in ["etag", "cache-control"] {
            assert_eq!(answer.header(name), whole.header(name), "{name}");
        }
    }
    for unknown in [r#""2""#, r#""01""#, r#""""#] {
        assert_eq!(get(unknown).send().await.expect(200), task, "{unknown}");
    }
    get("1").send().await.expect_problem(400, "bad-request");
}

#[tokio::test]
async fn a_change_of_the_version_that_was_read_is_made() {
    let user = service().new_user().await;
    for change in CHANGES {
        for tags in [r#""1""#, r#""9", "1""#, "*"] {
            let task = user.create("Read once").await;
            let answer = send(&user, change, &task, ("if-match", tags)).await;
            assert!(answer.status() < 300, "{change:?} {tags}: {answer:?}");
            let next = (change.0 != "DELETE").then_some(r#""2""#);
            assert_eq!(answer.header("etag"), next);
        }
    }
}

#[tokio::test]
async fn a_change_of_another_version_is_412_and_changes_nothing() {
    let user = service().new_user().await;
    let task = user.create("Read before").await;
    user.patch(&path_of(&task), &json!({"description": "By somebody else"}))
        .await
        .expect(200);
    let before = user.stored().await;

    for change in CHANGES {
        for tags in [r#""1""#, r#"W/"2""#, r#""3", "02""#, r#""notours""#] {
            let answer = send(&user, change, &task, ("if-match", tags)).await;
            answer.expect_problem(412, "precondition-failed");
            assert_eq!(answer.header("etag"), Some(r#""2""#), "{change:?} {tags}");
        }
        send(&user, change, &task, ("if-match", "2"))
            .await
            .expect_problem(400, "bad-request");
    }
    let nothing = user
        .call("PATCH", &path_of(&task))
        .json(&json!({}))
        .header("if-match", r#""1""#);
    nothing
        .send()
        .await
        .expect_problem(412, "precondition-failed");
    assert_eq!(user.stored().await, before);
}

#[tokio::test]
async fn a_task_that_is_not_there_is_404_whatever_the_condition() {
    let service = service();
    let (user, stranger) = (service.new_user().await, service.new_user().await);
    let task = user.create("Private").await;
    for change in CHANGES {
        for header in [
            ("if-match", r#""1""#),
            ("if-match", "*"),
            ("if-none-match", "*"),
        ] {
            let answer = send(&stranger, change, &task, header).await;
            answer.expect_problem(404, "not-found");
        }
    }
    assert_eq!(user.get(&path_of(&task)).await.expect(200), task);
}

#[tokio::test]
async fn if_none_match_star_refuses_to_change_what_is_there() {
    let user = service().new_user().await;
    let task = user.create("There").await;
    for change in CHANGES {
        let answer = send(&user, change, &task, ("if-none-match", "*")).await;
        answer.expect_problem(412, "precondition-failed");
    }
    assert_eq!(user.get(&path_of(&task)).await.expect(200), task);
}

#[tokio::test]
async fn of_twelve_clients_with_one_version_as_many_succeed_as_versions_advance() {
    let service = service();
    let user = Arc::new(service.new_user().await);
    for _ in 0..2 {
        service
            .function("update-task")
            .add_process()
            .expect("an environment starts");
    }
    let path = path_of(&user.create("Contended").await);

    let clients: Vec<_> = (0..12)
        .map(|client| tokio::spawn(change_ten_times(client, user.clone(), path.clone())))
        .collect();
    let mut successes = 0;
    for client in clients {
        successes += client.await.expect("every answer was 200 or 412");
    }
    let stored = user.stored().await;
    assert_eq!(stored[0]["version"], 1 + successes);
    assert!(successes >= 10, "somebody got through each time");
}

/// Reads and changes a task, and returns the number of changes that were made.
async fn change_ten_times(client: usize, user: Arc<TestUser>, path: String) -> usize {
    let mut successes = 0;
    for attempt in 0..10 {
        let read = user.get(&path).await;
        let etag = read.header("etag").expect("a task has one").to_owned();
        let body = json!({"title": format!("By {client}, attempt {attempt}")});
        let answer = user
            .call("PATCH", &path)
            .json(&body)
            .header("if-match", &etag)
            .send()
            .await;
        if answer.status() == 200 {
            successes += 1;
        } else {
            answer.expect_problem(412, "precondition-failed");
        }
    }
    successes
}
