//! `Idempotency-Key`: a task is created once and a batch done once, however
//! often they are sent; other requests with a key are refused.

use std::sync::Arc;

use serde_json::{Value, json};
use testing::{Answer, TestUser, id_of, path_of, service};
use uuid::Uuid;

async fn create(user: &TestUser, key: &str, body: &Value) -> Answer {
    user.call("POST", "/api/v1/tasks")
        .json(body)
        .header("idempotency-key", key)
        .send()
        .await
}

async fn batch(user: &TestUser, key: &str, body: &Value) -> Answer {
    user.call("POST", "/api/v1/tasks/batch")
        .json(body)
        .header("idempotency-key", key)
        .send()
        .await
}

#[tokio::test]
async fn a_replay_is_answered_with_the_task_that_was_made() {
    let user = service().new_user().await;
    let body = json!({"title": "Once", "due_date": "2026-12-31"});
    let first = create(&user, "key-1", &body).await;
    let replay = create(&user, "key-1", &body).await;

    let task = first.expect(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(replay.expect(200), task);
    assert_eq!(replay.header("idempotency-replayed"), Some("true"));
    assert_eq!(replay.header("etag"), first.header("etag"));
    assert_eq!(user.stored().await.len(), 1);
}

#[tokio::test]
async fn the_same_values_in_another_form_are_the_same_body() {
    let user = service().new_user().await;
    create(
        &user,
        "key-1",
        &json!({"title": " Once ", "completed": true}),
    )
    .await
    .expect(201);
    let replay = create(
        &user,
        "key-1",
        &json!({"status": "completed", "title": "Once", "due_date": null}),
    )
    .await;
    replay.expect(200);
}

#[tokio::test]
async fn a_replay_after_a_change_shows_the_task_as_it_is_now() {
    let user = service().new_user().await;
    let body = json!({"title": "Once"});
    let task = create(&user, "key-1", &body).await.expect(201);
    let changed = user
        .patch(&path_of(&task), &json!({"title": "Changed"}))
        .await
        .expect(200);
    assert_eq!(create(&user, "key-1", &body).await.expect(200), changed);
}

#[tokio::test]
async fn a_replay_does_not_bring_a_deleted_task_back() {
    let user = service().new_user().await;
    let body = json!({"title": "Once"});
    let task = create(&user, "key-1", &body).await.expect(201);
    user.delete(&path_of(&task)).await.expect(204);
    create(&user, "key-1", &body)
        .await
        .expect_problem(410, "gone");
    assert_eq!(user.stored().await, [] as [Value; 0]);
    create(&user, "key-2", &body).await.expect(201);
}

#[tokio::test]
async fn a_replay_does_not_bring_back_a_task_that_is_being_deleted() {
    let user = service().new_user().await;
    let body = json!({"title": "Once"});
    let task = create(&user, "key-1", &body).await.expect(201);
    let before = user.get("/api/v1/tasks/changes").await.expect(200);
    let since = before["next_since"].as_str().expect("a token");
    let delete = format!("select from todo.delete_task($1, '{}', null)", id_of(&task));
    let deletion = user.hold(&delete).await;
    let commit = async {
        deletion.until_waiting(1).await;
        deletion.release().await;
    };

    let (replay, ()) = tokio::join!(create(&user, "key-1", &body), commit);

    replay.expect_problem(410, "gone");
    assert_eq!(user.stored().await, [] as [Value; 0]);
    let changes = format!("/api/v1/tasks/changes?since={since}");
    let changes = user.get(&changes).await.expect(200);
    assert_eq!(changes["tasks"], json!([]));
    assert_eq!(changes["deleted"][0]["id"], task["id"]);
}

#[tokio::test]
async fn a_batch_is_done_once_and_answered_with_the_tasks_as_they_are_now() {
    let user = service().new_user().await;
    let task = user.create("Toggled").await;
    let gone = user.create("Gone").await;
    let body = json!({"operations": [
        {"op": "create", "task": {"title": "Bread"}},
        {"op": "toggle", "id": task["id"]},
        {"op": "update", "id": task["id"], "version": 2, "changes": {"title": "Renamed"}},
        {"op": "delete", "id": gone["id"]},
    ]});
    let first = batch(&user, "key-1", &body).await;
    let replay = batch(&user, "key-1", &body).await;

    let done = first.expect(200);
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(replay.header("idempotency-replayed"), Some("true"));
    let again = replay.expect(200);
    assert_eq!(again["results"][0], done["results"][0]);
    assert_eq!(again["results"][1]["task"], done["results"][2]["task"]);
    assert_eq!(again["results"][3], done["results"][3]);
    assert_eq!(user.stored().await.len(), 2);
    let toggled = user.get(&path_of(&task)).await.expect(200);
    assert_eq!(
        (&toggled["version"], &toggled["completed"]),
        (&json!(3), &json!(true))
    );
}

#[tokio::test]
async fn a_batch_that_failed_under_a_key_can_be_sent_again() {
    let user = service().new_user().await;
    let task = user.create("Changed").await;
    let toggle = |version: i32| json!({"operations": [{"op": "toggle", "id": task["id"], "version": version}]});
    let failed = batch(&user, "key-1", &toggle(7)).await;
    failed.expect_problem(412, "precondition-failed");
    batch(&user, "key-1", &toggle(1)).await.expect(200);
    let other = batch(&user, "key-1", &toggle(2)).await;
    other.expect_problem(422, "idempotency-key-reused");
    assert_eq!(user.stored().await[0]["version"], 2);
}

#[tokio::test]
async fn a_replayed_batch_whose_task_was_deleted_since_is_410() {
    let user = service().new_user().await;
    let body = json!({"operations": [{"op": "create", "task": {"title": "Bread"}}]});
    let done = batch(&user, "key-1", &body).await.expect(200);
    user.delete(&path_of(&done["results"][0]["task"]))
        .await
        .expect(204);
    batch(&user, "key-1", &body)
        .await
        .expect_problem(410, "gone");
    assert_eq!(user.stored().await, [] as [Value; 0]);
}

#[tokio::test]
async fn eight_clients_with_one_key_do_a_batch_once() {
    let service = service();
    let user = Arc::new(service.new_user().await);
    let function = service.function("batch-tasks");
    function.add_process().expect("an environment starts");
    let task = user.create("Toggled").await;
    let body = json!({"operations": [
        {"op": "toggle", "id": task["id"]},
        {"op": "create", "task": {"title": "Bread"}},
    ]});
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (user, body) = (user.clone(), body.clone());
            tokio::spawn(async move { batch(&user, "key-1", &body).await })
        })
        .collect();
    let mut replayed = 0;
    for client in clients {
        let answer = client.await.expect("it was answered");
        answer.expect(200);
        replayed += usize::from(answer.header("idempotency-replayed").is_some());
    }
    assert_eq!(replayed, 7);
    assert_eq!(user.stored().await.len(), 2);
    assert_eq!(user.get(&path_of(&task)).await.expect(200)["version"], 2);
}

/// A key that is ignored would make a promise that nobody keeps.
#[tokio::test]
async fn every_other_request_that_writes_refuses_a_key() {
    let user = service().new_user().await;
    let task = user.create("Kept").await;
    let document: Value =
        serde_json::from_str(include_str!("../../openapi.json")).expect("it is JSON");
    let mut refused = 0;
    for (path, operations) in document["paths"].as_object().expect("there are some") {
        for method in operations.as_object().expect("there are some").keys() {
            let honours = ["/tasks", "/tasks/batch"]
                .iter()
                .any(|it| path.ends_with(it));
            if method == "get" || (method == "post" && honours) {
                continue;
            }
            let target = path
                .replace("{user_id}", &user.id)
                .replace("{task_id}", id_of(&task));
            let call = user.call(&method.to_uppercase(), &target);
            let call = call.json(&json!({})).header("idempotency-key", "key-1");
            let answer = call.send().await;
            assert_eq!(answer.status(), 400, "{method} {path}: {answer:?}");
            let problem = answer.expect_problem(400, "bad-request");
            let detail = problem["detail"].as_str().expect("a sentence");
            assert!(
                detail.starts_with("Idempotency-Key"),
                "{method} {path}: {detail}"
            );
            refused += 1;
        }
    }
    assert!(refused >= 14, "{refused}");
    assert_eq!(user.stored().await[0]["version"], 1);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_422() {
    let user = service().new_user().await;
    let task = create(&user, "key-1", &json!({"title": "Once"}))
        .await
        .expect(201);
    for body in [
        json!({"title": "Another"}),
        json!({"title": "Once", "description": "more"}),
        json!({"title": "Once", "completed": true}),
        json!({"title": "Once", "due_date": "2026-12-31"}),
    ] {
        create(&user, "key-1", &body)
            .await
            .expect_problem(422, "idempotency-key-reused");
    }
    assert_eq!(user.get(&path_of(&task)).await.expect(200), task);
    assert_eq!(user.stored().await.len(), 1);
}

#[tokio::test]
async fn keys_belong_to_a_user_and_other_keys_make_other_tasks() {
    let service = service();
    let (ann, bob) = (service.new_user().await, service.new_user().await);
    let body = json!({"title": "Once"});
    let of_ann = create(&ann, "key-1", &body).await.expect(201);
    let of_bob = create(&bob, "key-1", &body).await.expect(201);
    let second = create(&ann, "key-2", &body).await.expect(201);
    assert_eq!(of_bob["user_id"], bob.id);
    assert!(of_ann["id"] != of_bob["id"] && of_ann["id"] != second["id"]);
}

#[tokio::test]
async fn what_is_no_key_is_refused_and_nothing_stored() {
    let user = service().new_user().await;
    for key in ["", "two words", &"k".repeat(256)] {
        create(&user, key, &json!({"title": "Once"}))
            .await
            .expect_problem(400, "bad-request");
    }
    assert_eq!(user.stored().await, [] as [Value; 0]);
}

#[tokio::test]
async fn twelve_clients_with_one_key_make_one_task() {
    let service = service();
    let user = Arc::new(service.new_user().await);
    for _ in 0..2 {
        service
            .function("create-task")
            .add_process()
            .expect("an environment starts");
    }
    for _ in 0..5 {
        let key = Uuid::new_v4().to_string();
        let clients: Vec<_> = (0..12)
            .map(|_| {
                let (user, key) = (user.clone(), key.clone());
                tokio::spawn(async move { create(&user, &key, &json!({"title": key})).await })
            })
            .collect();
        let mut created = 0;
        for client in clients {
            let answer = client.await.expect("it was answered");
            created += usize::from(answer.status() == 201);
            assert!([200, 201].contains(&answer.status()), "{answer:?}");
        }
        assert_eq!(created, 1);
    }
    assert_eq!(user.stored().await.len(), 5);
}
