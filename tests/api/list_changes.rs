//! `GET /api/v1/tasks/changes`

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use testing::{Answer, TestUser, forge, id_of, members, path_of, service, transaction_of};

/// A client that keeps a copy.
#[derive(Default)]
struct Copy {
    tasks: BTreeMap<String, Value>,
    since: Option<String>,
    /// The number of changes in the last answer.
    read: usize,
}

impl Copy {
    /// Reads one page, and returns whether there are more.
    async fn turn(&mut self, user: &TestUser, limit: usize) -> bool {
        let page = changes(user, self.since.as_deref(), limit).await;
        let page = page.expect(200);
        assert_eq!(
            members(&page),
            ["deleted", "has_more", "next_since", "tasks"]
        );
        for task in page["tasks"].as_array().expect("a list") {
            self.tasks.insert(id_of(task).to_owned(), task.clone());
            self.read += 1;
        }
        for gone in page["deleted"].as_array().expect("a list") {
            self.tasks.remove(id_of(gone));
            self.read += 1;
        }
        self.since = page["next_since"].as_str().map(str::to_owned);
        page["has_more"] == true
    }

    async fn catch_up(&mut self, user: &TestUser, limit: usize) {
        self.read = 0;
        while self.turn(user, limit).await {}
    }

    fn titles(&self) -> Vec<&str> {
        let mut titles: Vec<&str> = self
            .tasks
            .values()
            .filter_map(|task| task["title"].as_str())
            .collect();
        titles.sort_unstable();
        titles
    }
}

async fn changes(user: &TestUser, since: Option<&str>, limit: usize) -> Answer {
    let since = since.map_or(String::new(), |since| format!("&since={since}"));
    user.get(&format!("/api/v1/tasks/changes?limit={limit}{since}"))
        .await
}

#[tokio::test]
async fn a_copy_follows_creations_changes_and_deletions() {
    let user = service().new_user().await;
    let mut copy = Copy::default();
    copy.catch_up(&user, 200).await;
    assert_eq!((copy.read, copy.tasks.len()), (0, 0));

    let (milk, oil) = (user.create("Milk").await, user.create("Oil").await);
    copy.catch_up(&user, 200).await;
    assert_eq!(copy.titles(), ["Milk", "Oil"]);
    assert_eq!(copy.tasks[id_of(&milk)], milk);

    let changed = user
        .patch(&path_of(&milk), &json!({"title": "Oat milk"}))
        .await;
    user.delete(&path_of(&oil)).await.expect(204);
    copy.catch_up(&user, 200).await;
    assert_eq!(copy.titles(), ["Oat milk"]);
    assert_eq!(copy.tasks[id_of(&milk)], changed.expect(200));

    let done = json!({"operations": [
        {"op": "toggle", "id": milk["id"]},
        {"op": "create", "task": {"title": "Rice", "completed": true}},
        {"op": "create", "task": {"title": "Bread"}},
    ]});
    user.post("/api/v1/tasks/batch", &done).await.expect(200);
    user.delete("/api/v1/tasks?completed=true")
        .await
        .expect(200);
    copy.catch_up(&user, 200).await;
    assert_eq!(copy.titles(), ["Bread"]);
}

/// A client that shows lists need not read all tasks to follow them.
#[tokio::test]
async fn a_client_that_begins_now_hears_of_all_that_comes() {
    let user = service().new_user().await;
    let (milk, oil) = (user.create("Milk").await, user.create("Oil").await);
    let mut copy = Copy {
        since: Some("now".into()),
        ..Copy::default()
    };
    copy.catch_up(&user, 1).await;
    assert_eq!((copy.read, copy.tasks.len()), (0, 0));

    let bread = user.create("Bread").await;
    let completed = json!({"completed": true});
    let changed = user.patch(&path_of(&milk), &completed).await.expect(200);
    user.delete(&path_of(&oil)).await.expect(204);

    copy.catch_up(&user, 1).await;
    assert_eq!(copy.read, 3);
    assert_eq!(copy.titles(), ["Bread", "Milk"]);
    assert_eq!(copy.tasks[id_of(&bread)], bread);
    assert_eq!(copy.tasks[id_of(&milk)], changed);
}

#[tokio::test]
async fn a_transaction_that_is_under_way_is_still_to_come() {
    let service = service();
    let user = service.new_user().await;
    let mut client = service.connect_as_owner().await;
    let late = transaction_of(&mut client, &user.id).await;
    let insert = "insert into tasks (user_id, id, title) values ($1, gen_random_uuid(), 'Late')";
    late.execute(insert, &[&user.id]).await.expect("insert");
    let mut copy = Copy {
        since: Some("now".into()),
        ..Copy::default()
    };
    copy.catch_up(&user, 200).await;
    assert_eq!(copy.read, 0);
    late.commit().await.expect("commit");

    copy.catch_up(&user, 200).await;

    assert_eq!(copy.titles(), ["Late"]);
}

#[tokio::test]
async fn pages_of_any_size_come_to_the_same() {
    let user = service().new_user().await;
    let mut tasks = Vec::new();
    for number in 0..7 {
        tasks.push(user.create(&format!("Task {number}")).await);
    }
    let mut copies: Vec<Copy> = (0..9).map(|_| Copy::default()).collect();
    for (limit, copy) in (1..).zip(&mut copies) {
        copy.catch_up(&user, limit).await;
        assert_eq!(copy.tasks.len(), 7, "pages of {limit}");
    }
    // One statement makes several changes in one transaction.
    let both = json!({"operations": [
        {"op": "delete", "id": tasks[0]["id"]},
        {"op": "toggle", "id": tasks[1]["id"]},
        {"op": "delete", "id": tasks[2]["id"]},
        {"op": "toggle", "id": tasks[3]["id"]},
    ]});
    user.post("/api/v1/tasks/batch", &both).await.expect(200);
    for (limit, copy) in (1..).zip(&mut copies) {
        copy.catch_up(&user, limit).await;
        let done = copy.tasks.values().filter(|task| task["completed"] == true);
        assert_eq!((done.count(), copy.tasks.len()), (2, 5), "pages of {limit}");
    }
}

#[tokio::test]
async fn a_change_between_two_pages_is_not_lost() {
    let user = service().new_user().await;
    let mut tasks = Vec::new();
    for number in 0..6 {
        tasks.push(user.create(&format!("Task {number}")).await);
    }
    let mut copy = Copy::default();
    assert!(copy.turn(&user, 2).await);
    // Deletions of a task that was read and of one that was not, in both ways.
    user.patch(&path_of(&tasks[0]), &json!({"title": "Changed"}))
        .await
        .expect(200);
    user.delete(&path_of(&tasks[1])).await.expect(204);
    user.delete(&path_of(&tasks[5])).await.expect(204);
    user.create("New").await;
    copy.catch_up(&user, 2).await;
    copy.catch_up(&user, 2).await;
    assert_eq!(
        copy.titles(),
        ["Changed", "New", "Task 2", "Task 3", "Task 4"]
    );
}

#[tokio::test]
async fn a_transaction_that_commits_late_is_not_lost() {
    let service = service();
    let user = service.new_user().await;
    let mut client = service.connect_as_owner().await;
    let late = transaction_of(&mut client, &user.id).await;
    let insert = |title| {
        let user = &user.id;
        format!(
            "insert into tasks (id, user_id, title) values (gen_random_uuid(), '{user}', '{title}')"
        )
    };
    late.batch_execute(&insert("Begun first"))
        .await
        .expect("insert");

    // The transaction begins before the changes that are read here, and commits later.
    user.create("Begun second").await;
    let mut copy = Copy::default();
    copy.catch_up(&user, 200).await;
    assert_eq!(copy.titles(), ["Begun second"]);

    late.batch_execute(&insert("Begun first, too"))
        .await
        .expect("insert");
    late.commit().await.expect("commit");
    copy.catch_up(&user, 200).await;
    assert_eq!(
        copy.titles(),
        ["Begun first", "Begun first, too", "Begun second"]
    );
}

#[tokio::test]
async fn copies_stay_true_while_others_write() {
    let service = service();
    let user = Arc::new(service.new_user().await);
    for function in ["batch-tasks", "create-task"] {
        service
            .function(function)
            .add_process()
            .expect("an environment starts");
    }
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let user = user.clone();
            tokio::spawn(async move {
                for round in 0..12 {
                    let task = user.create(&format!("{writer} {round}")).await;
                    let change = match round % 3 {
                        0 => json!({"op": "delete", "id": task["id"]}),
                        1 => json!({"op": "toggle", "id": task["id"]}),
                        _ => json!({"op": "update", "id": task["id"], "changes": {"title": "Changed"}}),
                    };
                    let body = json!({"operations": [change]});
                    user.post("/api/v1/tasks/batch", &body).await.expect(200);
                }
            })
        })
        .collect();
    let mut copy = Copy::default();
    while !writers.iter().all(|writer| writer.is_finished()) {
        copy.turn(&user, 3).await;
    }
    for writer in writers {
        writer.await.expect("it wrote");
    }
    copy.catch_up(&user, 3).await;
    copy.catch_up(&user, 3).await;

    let list = user.get("/api/v1/tasks?limit=200").await.expect(200);
    let tasks = list["tasks"].as_array().expect("a list");
    assert_eq!(tasks.len(), 32);
    let of_list: BTreeMap<String, Value> = tasks
        .iter()
        .map(|task| (id_of(task).to_owned(), task.clone()))
        .collect();
    assert_eq!(copy.tasks, of_list);
}

#[tokio::test]
async fn nobody_hears_of_another_users_tasks() {
    let service = service();
    let (ann, bob) = (service.new_user().await, service.new_user().await);
    let mut copy = Copy::default();
    copy.catch_up(&bob, 200).await;
    let task = ann.create("Private").await;
    ann.delete(&path_of(&task)).await.expect(204);
    ann.create("Private, too").await;
    copy.catch_up(&bob, 200).await;
    assert_eq!(copy.read, 0);

    // Her token shows him only his own changes.
    let mut hers = Copy::default();
    hers.catch_up(&ann, 200).await;
    bob.create("Own").await;
    let page = changes(&bob, hers.since.as_deref(), 200).await.expect(200);
    assert_eq!(page["tasks"][0]["title"], "Own");
    assert_eq!(page["tasks"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_old_token_and_one_of_another_history_are_gone() {
    let service = service();
    let user = service.new_user().await;
    user.create("Milk").await;
    let page = changes(&user, None, 200).await.expect(200);
    let token = page["next_since"].as_str().expect("a token");
    changes(&user, Some(token), 200).await.expect(200);

    for (name, value) in [
        ("history", json!(1)),
        ("began_at", json!("2026-01-01T00:00:00Z")),
    ] {
        let forged = forge(token, "changes", |mark| mark[name] = value.clone());
        changes(&user, Some(&forged), 200)
            .await
            .expect_problem(410, "gone");
    }
}

#[tokio::test]
async fn a_forged_token_is_malformed() {
    let user = service().new_user().await;
    user.create("Milk").await;
    let page = changes(&user, None, 200).await.expect(200);
    let token = page["next_since"].as_str().expect("a token");
    let id = uuid::Uuid::nil();
    for (name, value) in [
        ("next_from", json!(i64::MAX)),
        ("next_from", json!(-7)),
        ("after", json!({"Listed": ["2026-01-01T00:00:00Z", id]})),
        ("after", json!({"Changed": [i64::MIN, id]})),
    ] {
        let forged = forge(token, "changes", |mark| {
            mark["from"] = json!(1);
            mark[name] = value.clone();
        });
        let answer = changes(&user, Some(&forged), 200).await;
        assert_eq!(answer.status(), 400, "{name} {value}: {answer:?}");
        answer.expect_problem(400, "bad-request");
    }
}

#[tokio::test]
async fn what_is_no_token_is_malformed() {
    let user = service().new_user().await;
    for query in [
        "?since=",
        "?since=0",
        "?since=2026-11-21T00:00:00Z",
        "?since=a&since=b",
        "?cursor=a",
    ] {
        let answer = user.get(&format!("/api/v1/tasks/changes{query}")).await;
        answer.expect_problem(400, "bad-request");
    }
    for limit in ["0", "501", "x"] {
        let answer = user
            .get(&format!("/api/v1/tasks/changes?limit={limit}"))
            .await;
        answer.expect_invalid(&["?limit"]);
    }
}

#[tokio::test]
async fn tombstones_are_forgotten_after_31_days() {
    let user = service().new_user().await;
    for title in ["Old", "Young"] {
        let task = user.create(title).await;
        user.delete(&path_of(&task)).await.expect(204);
    }
    let mut owner = user.service.connect_as_owner().await;
    let transaction = transaction_of(&mut owner, &user.id).await;
    let update = "
        update tasks
        set deleted_at = now() - interval '32 days'
        where id = (select id from tasks where deleted_at is not null order by deleted_at limit 1)";
    transaction.batch_execute(update).await.expect("it may");
    transaction.commit().await.expect("commit");
    let next = user.create("Next").await;
    user.delete(&path_of(&next)).await.expect(204);
    assert_eq!(deleted_rows_of(&user).await, 2);
}

/// The number of rows of this user's deleted tasks.
async fn deleted_rows_of(user: &TestUser) -> i64 {
    let mut owner = user.service.connect_as_owner().await;
    let transaction = transaction_of(&mut owner, &user.id).await;
    let count = "select count(*) from tasks where deleted_at is not null";
    let row = transaction.query_typed_one(count, &[]).await;
    row.expect("it may").get(0)
}

#[tokio::test]
async fn a_deleted_user_leaves_no_tombstone() {
    let user = service().new_user().await;
    let task = user.create("Deleted before").await;
    user.delete(&path_of(&task)).await.expect(204);
    user.create("Deleted with the user").await;
    let confirmed = json!({"password": user.password});
    user.call("DELETE", "/api/v1/me")
        .json(&confirmed)
        .send()
        .await
        .expect(204);
    assert_eq!(deleted_rows_of(&user).await, 0);
}
