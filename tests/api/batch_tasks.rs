//! `POST /api/v1/tasks/batch`

use std::sync::Arc;

use serde_json::{Value, json};
use testing::{Answer, TestUser, id_of, path_of, service};
use uuid::Uuid;

async fn run(user: &TestUser, operations: Value) -> Answer {
    let body = json!({"operations": operations});
    user.post("/api/v1/tasks/batch", &body).await
}

fn titles(tasks: &[Value]) -> Vec<&str> {
    let title = |task: &'_ Value| task["title"].as_str().map(str::len);
    assert!(tasks.iter().all(|task| title(task).is_some()));
    tasks
        .iter()
        .filter_map(|task| task["title"].as_str())
        .collect()
}

#[tokio::test]
async fn operations_are_done_in_order_and_answered_in_order() {
    let user = service().new_user().await;
    let (milk, oil, rice) = (
        user.create("Milk").await,
        user.create("Oil").await,
        user.create("Rice").await,
    );

    let answer = run(
        &user,
        json!([
            {"op": "create", "task": {"title": " Bread ", "due_date": "2026-12-31"}},
            {"op": "update", "id": milk["id"], "changes": {"description": "2 l"}},
            {"op": "toggle", "id": oil["id"], "version": 1},
            {"op": "toggle", "id": oil["id"], "version": 2},
            {"op": "update", "id": milk["id"], "version": 2, "changes": {"completed": true}},
            {"op": "delete", "id": rice["id"]},
        ]),
    )
    .await;

    let results = answer.expect(200)["results"].clone();
    let results = results.as_array().expect("results are a list");
    let done: Vec<&Value> = results.iter().map(|result| &result["op"]).collect();
    assert_eq!(
        done,
        ["create", "update", "toggle", "toggle", "update", "delete"]
    );
    let bread = &results[0]["task"];
    assert_eq!(
        (&bread["title"], &bread["due_date"], &bread["version"]),
        (&json!("Bread"), &json!("2026-12-31"), &json!(1))
    );
    assert_eq!(results[1]["task"]["description"], "2 l");
    assert_eq!(results[2]["task"]["status"], "completed");
    assert_eq!(results[3]["task"]["status"], "pending");
    let milk = &results[4]["task"];
    assert_eq!(
        (&milk["description"], &milk["completed"], &milk["version"]),
        (&json!("2 l"), &json!(true), &json!(3))
    );
    assert_eq!(results[5], json!({"op": "delete", "id": rice["id"]}));

    let stored = user.stored().await;
    assert_eq!(titles(&stored).len(), 3);
    for result in [&results[0], &results[3], &results[4]] {
        user.row_of(&result["task"]).await;
    }
}

#[tokio::test]
async fn a_task_that_is_not_there_rolls_everything_back_and_is_named() {
    let service = service();
    let (user, stranger) = (service.new_user().await, service.new_user().await);
    let task = user.create("Milk").await;
    let theirs = stranger.create("Private").await;
    let before = user.stored().await;

    for absent in [json!(Uuid::now_v7()), theirs["id"].clone()] {
        for operation in [
            json!({"op": "update", "id": absent, "changes": {"title": "Taken over"}}),
            json!({"op": "update", "id": absent, "changes": {}}),
            json!({"op": "toggle", "id": absent}),
            json!({"op": "delete", "id": absent}),
        ] {
            let answer = run(
                &user,
                json!([
                    {"op": "create", "task": {"title": "Bread"}},
                    {"op": "delete", "id": task["id"]},
                    operation,
                    {"op": "create", "task": {"title": "Rice"}},
                ]),
            )
            .await;

            let problem = answer.expect_problem(404, "not-found");
            assert_eq!(problem["errors"][0]["pointer"], "/operations/2/id");
            assert_eq!(user.stored().await, before, "{operation}");
        }
    }
    assert_eq!(stranger.stored().await[0]["title"], "Private");
}

#[tokio::test]
async fn another_version_rolls_everything_back_and_is_named() {
    let user = service().new_user().await;
    let (milk, oil) = (user.create("Milk").await, user.create("Oil").await);
    let before = user.stored().await;

    for operation in [
        json!({"op": "update", "id": oil["id"], "version": 2, "changes": {"title": "Other"}}),
        json!({"op": "toggle", "id": oil["id"], "version": 2}),
        json!({"op": "delete", "id": oil["id"], "version": 2147483647}),
    ] {
        let answer = run(
            &user,
            json!([{"op": "toggle", "id": milk["id"]}, operation]),
        )
        .await;

        let problem = answer.expect_problem(412, "precondition-failed");
        assert_eq!(problem["errors"][0]["pointer"], "/operations/1/version");
        assert_eq!(user.stored().await, before, "{operation}");
    }
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named_and_nothing_is_done() {
    let user = service().new_user().await;
    let task = user.create("Milk").await;
    let before = user.stored().await;

    let answer = run(
        &user,
        json!([
            {"op": "delete", "id": task["id"]},
            {"op": "create", "task": {"title": "\u{0}"}},
            {"op": "move", "id": task["id"]},
        ]),
    )
    .await;

    answer.expect_invalid(&["/operations/1/task/title", "/operations/2/op"]);
    for body in ["[]", r#"{"operations": [], "operations": []}"#] {
        let answer = user
            .call("POST", "/api/v1/tasks/batch")
            .raw("application/json", body.as_bytes())
            .send()
            .await;
        answer.expect_problem(400, "bad-request");
    }
    let double = format!(
        r#"{{"operations": [{{"op": "toggle", "op": "delete", "id": {}}}]}}"#,
        task["id"]
    );
    let answer = user
        .call("POST", "/api/v1/tasks/batch")
        .raw("application/json", double.as_bytes())
        .send()
        .await;
    answer.expect_problem(400, "bad-request");
    assert_eq!(user.stored().await, before);
}

/// Its answer would be lost with the task, for a replay under a key.
#[tokio::test]
async fn a_change_of_a_task_that_the_batch_deletes_is_refused() {
    let user = service().new_user().await;
    let task = user.create("Milk").await;
    let before = user.stored().await;
    for change in [
        json!({"op": "update", "id": task["id"], "changes": {"title": "Bread"}}),
        json!({"op": "update", "id": task["id"], "changes": {}}),
        json!({"op": "toggle", "id": task["id"]}),
    ] {
        let create = json!({"op": "create", "task": {"title": "Oil"}});
        let delete = json!({"op": "delete", "id": task["id"]});

        let answer = run(&user, json!([create, change, delete])).await;

        answer.expect_invalid(&["/operations/1/id"]);
        assert_eq!(user.stored().await, before, "{change}");
    }
}

#[tokio::test]
async fn a_hundred_operations_keep_their_order_and_fail_as_one() {
    let user = service().new_user().await;
    let task = user.create("Counted").await;
    let rename = |number: usize| {
        json!({
            "op": "update",
            "id": task["id"],
            "version": number,
            "changes": {"title": format!("Number {number}")},
        })
    };
    let answer = run(&user, (1..=100).map(rename).collect()).await;

    let results = answer.expect(200)["results"].clone();
    for number in 1..=100 {
        let title = &results[number - 1]["task"]["title"];
        assert_eq!(*title, format!("Number {number}"));
    }

    // The last operation names the version before the first operation.
    let late: Vec<Value> = (101..200).chain([101]).map(rename).collect();
    let problem = run(&user, late.into())
        .await
        .expect_problem(412, "precondition-failed");
    assert_eq!(problem["errors"][0]["pointer"], "/operations/99/version");
    let now = user.get(&path_of(&task)).await.expect(200);
    assert_eq!(
        (&now["title"], &now["version"]),
        (&json!("Number 100"), &json!(101))
    );
    let too_many: Vec<Value> = (1..=101).map(rename).collect();
    run(&user, too_many.into())
        .await
        .expect_invalid(&["/operations"]);
}

#[tokio::test]
async fn batches_that_cross_each_other_are_both_done() {
    let service = service();
    let user = Arc::new(service.new_user().await);
    service
        .function("batch-tasks")
        .add_process()
        .expect("an environment starts");
    let mut tasks = Vec::new();
    for title in ["One", "Two", "Three"] {
        tasks.push(user.create(title).await);
    }
    let there: Vec<Value> = tasks
        .iter()
        .map(|task| json!({"op": "toggle", "id": id_of(task)}))
        .collect();
    let mut back = there.clone();
    back.reverse();

    let clients: Vec<_> = (0..20)
        .map(|number| {
            let operations = if number % 2 == 0 { &there } else { &back };
            let (user, operations) = (user.clone(), Value::from(operations.clone()));
            tokio::spawn(async move { run(&user, operations).await })
        })
        .collect();
    for client in clients {
        client.await.expect("it was answered").expect(200);
    }

    for row in user.stored().await {
        assert_eq!(row["version"], 21, "{row}");
    }
}

#[tokio::test]
async fn both_route_families_run_batches() {
    let user = service().new_user().await;
    for family in user.families() {
        let body = json!({"operations": [{"op": "create", "task": {"title": "Bread"}}]});
        let answer = user.post(&format!("{family}/batch"), &body).await;
        user.row_of(&answer.expect(200)["results"][0]["task"]).await;
    }
}
