//! `DELETE /api/v1/tasks/{task_id}`

use testing::{id_of, path_of, service};
use uuid::Uuid;

#[tokio::test]
async fn a_deleted_task_is_gone_and_no_other_is() {
    let user = service().new_user().await;
    let (kept, deleted) = (user.create("Buy milk").await, user.create("Buy oil").await);

    let answer = user.delete(&path_of(&deleted)).await;

    answer.expect(204);
    assert_eq!(answer.header("content-type"), None);
    user.get(&path_of(&deleted))
        .await
        .expect_problem(404, "not-found");
    let stored = user.stored().await;
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0]["id"], kept["id"]);
}

#[tokio::test]
async fn a_task_cannot_be_deleted_twice() {
    let user = service().new_user().await;
    let path = path_of(&user.create("Buy milk").await);
    user.delete(&path).await.expect(204);

    let answer = user.delete(&path).await;

    answer.expect_problem(404, "not-found");
}

#[tokio::test]
async fn both_route_families_delete() {
    let user = service().new_user().await;
    for family in user.families() {
        let task = user.create("Buy milk").await;
        let answer = user.delete(&format!("{family}/{}", id_of(&task))).await;

        answer.expect(204);
        assert!(user.stored().await.is_empty(), "{family}");
    }
}

#[tokio::test]
async fn a_task_that_does_not_exist_cannot_be_deleted() {
    let user = service().new_user().await;
    user.create("Buy milk").await;

    let answer = user
        .delete(&format!("/api/v1/tasks/{}", Uuid::now_v7()))
        .await;

    answer.expect_problem(404, "not-found");
    assert_eq!(user.stored().await.len(), 1);
}

#[tokio::test]
async fn a_malformed_id_deletes_nothing() {
    let user = service().new_user().await;
    let task = user.create("Buy milk").await;
    for id in [
        "1",
        "%25",
        &id_of(&task).replace('-', ""),
        &format!("{{{}}}", id_of(&task)),
    ] {
        let answer = user.delete(&format!("/api/v1/tasks/{id}")).await;

        answer.expect_problem(400, "bad-request");
        user.row_of(&task).await;
    }
}
