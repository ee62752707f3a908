//! `Idempotency-Key`: a task is created once, however often it is asked for.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, TestUser, path_of, service};

async fn create(user: &TestUser, key: &str, body: &Value) -> Answer {
    user.call("POST", "/api/v1/tasks")
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
