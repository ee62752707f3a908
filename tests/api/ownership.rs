//! A user's tasks are out of reach for other users: every endpoint on tasks, in
//! both route families.

use serde_json::{Value, json};
use testing::{Answer, Service, TestUser, service};
use uuid::Uuid;

/// Every operation on one task.
const ON_A_TASK: [(&str, &str, Option<&str>); 5] = [
    ("GET", "", None),
    ("PATCH", "", Some(r#"{"title": "Taken over"}"#)),
    ("PUT", "", Some(r#"{"title": "Taken over"}"#)),
    ("POST", "/toggle", None),
    ("DELETE", "", None),
];

/// Every operation on the collection.
const ON_ALL_TASKS: [(&str, &str, Option<&str>); 6] = [
    ("GET", "", None),
    ("POST", "", Some(r#"{"title": "Mine"}"#)),
    ("DELETE", "?completed=true", None),
    (
        "POST",
        "/batch",
        Some(r#"{"operations": [{"op": "create", "task": {"title": "Mine"}}]}"#),
    ),
    ("GET", "/changes", None),
    ("GET", "/stats", None),
];

async fn call(
    service: &Service,
    method: &str,
    path: &str,
    body: Option<&str>,
    token: Option<&str>,
) -> Answer {
    let mut call = service.call(method, path);
    if let Some(body) = body {
        call = call.raw("application/json", body.as_bytes());
    }
    if let Some(token) = token {
        call = call.token(token);
    }
    call.send().await
}

/// The paths of a user's tasks in both families.
fn bases(user: &TestUser) -> [String; 2] {
    [
        "/api/v1/tasks".to_owned(),
        format!("/api/{}/tasks", user.id),
    ]
}

fn id_of(task: &Value) -> &str {
    task["id"].as_str().expect("a task has an id")
}

#[tokio::test]
async fn another_users_task_is_as_absent_as_one_that_never_was() {
    let service = service();
    let (owner, stranger) = (service.new_user().await, service.new_user().await);
    let task = owner.create("Private").await;
    let before = owner.stored().await;

    for base in bases(&stranger) {
        for (method, suffix, body) in ON_A_TASK {
            let path_to = |id: &str| format!("{base}/{id}{suffix}");
            let unknown = path_to(&Uuid::now_v7().to_string());
            let theirs = call(
                &service,
                method,
                &path_to(id_of(&task)),
                body,
                Some(&stranger.token),
            )
            .await;
            let nobodys = call(&service, method, &unknown, body, Some(&stranger.token)).await;

            let problem = theirs.expect_problem(404, "not-found");
            assert_eq!(
                problem,
                nobodys.expect_problem(404, "not-found"),
                "{method} {base}"
            );
            assert_eq!(
                owner.stored().await,
                before,
                "{method} {base} touched the row"
            );
        }
    }
    assert_eq!(stranger.stored().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_list_shows_no_task_of_another_user() {
    let service = service();
    let (owner, stranger) = (service.new_user().await, service.new_user().await);
    owner.create("Private").await;
    let own = stranger.create("Own").await;

    for base in bases(&stranger) {
        let list = stranger.get(&base).await.expect(200);
        assert_eq!(
            list,
            json!({"tasks": [own], "total": 1, "next_cursor": null})
        );
    }
}

#[tokio::test]
async fn a_path_that_names_another_user_is_403_even_for_ones_own_task() {
    let service = service();
    let (owner, stranger) = (service.new_user().await, service.new_user().await);
    let task = owner.create("Private").await;
    let before = owner.stored().await;
    let base = format!("/api/{}/tasks", owner.id);

    for (method, suffix, body) in ON_A_TASK {
        let path = format!("{base}/{}{suffix}", id_of(&task));
        let answer = call(&service, method, &path, body, Some(&stranger.token)).await;
        answer.expect_problem(403, "forbidden");
    }
    for (method, suffix, body) in ON_ALL_TASKS {
        let path = format!("{base}{suffix}");
        let answer = call(&service, method, &path, body, Some(&stranger.token)).await;
        answer.expect_problem(403, "forbidden");
    }
    let in_nobodys_path = format!("/api/nobody/tasks/{}", id_of(&task));
    owner
        .get(&in_nobodys_path)
        .await
        .expect_problem(403, "forbidden");
    assert_eq!(owner.stored().await, before);
    assert_eq!(stranger.stored().await, [] as [Value; 0]);
}

#[tokio::test]
async fn a_user_id_in_the_path_may_be_percent_encoded() {
    let user = service().new_user().await;
    let encoded: String = user.id.bytes().map(|byte| format!("%{byte:02X}")).collect();
    user.get(&format!("/api/{encoded}/tasks")).await.expect(200);
}

#[tokio::test]
async fn without_a_good_token_every_operation_is_401() {
    let service = service();
    let owner = service.new_user().await;
    let task = owner.create("Private").await;
    let before = owner.stored().await;
    let tampered = format!("{}AAAA", &owner.token[..owner.token.len() - 4]);

    for token in [None, Some(""), Some("x"), Some(tampered.as_str())] {
        for base in bases(&owner) {
            for (method, suffix, body) in ON_A_TASK {
                let path = format!("{base}/{}{suffix}", id_of(&task));
                let answer = call(&service, method, &path, body, token).await;
                answer.expect_problem(401, "unauthorized");
                assert!(
                    answer
                        .header("www-authenticate")
                        .is_some_and(|it| it.starts_with("Bearer"))
                );
            }
            for (method, suffix, body) in ON_ALL_TASKS {
                let path = format!("{base}{suffix}");
                let answer = call(&service, method, &path, body, token).await;
                answer.expect_problem(401, "unauthorized");
            }
        }
    }
    assert_eq!(owner.stored().await, before);
}

#[tokio::test]
async fn a_deleted_users_token_is_refused_at_once() {
    let service = service();
    let user = service.new_user().await;
    let task = user.create("Gone with its owner").await;
    let client = service.connect_as_owner().await;
    let deleted = client
        .execute(r#"delete from "user" where id = $1"#, &[&user.id])
        .await;
    assert_eq!(deleted.expect("the owner of the tables may"), 1);

    for (method, suffix, body) in ON_A_TASK {
        let path = format!("/api/v1/tasks/{}{suffix}", id_of(&task));
        let answer = call(&service, method, &path, body, Some(&user.token)).await;
        answer.expect_problem(401, "unauthorized");
    }
    for (method, suffix, body) in ON_ALL_TASKS {
        let path = format!("/api/v1/tasks{suffix}");
        let answer = call(&service, method, &path, body, Some(&user.token)).await;
        answer.expect_problem(401, "unauthorized");
    }
    assert_eq!(user.stored().await, [] as [Value; 0]);
}
