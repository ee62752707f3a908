//! `PATCH /api/v1/tasks/{task_id}` and `PUT /api/v1/tasks/{task_id}`

use serde_json::{Value, json};
use testing::{TestUser, id_of, is_utc_time, path_of, service};
use uuid::Uuid;

const METHODS: [&str; 2] = ["PATCH", "PUT"];

#[tokio::test]
async fn a_patch_changes_what_it_names_and_leaves_the_rest() {
    let user = service().new_user().await;
    for (patch, status, completed) in [
        (json!({"title": " Pay less rent "}), "in_progress", false),
        (json!({"description": "After noon."}), "in_progress", false),
        (json!({"due_date": "2027-01-31"}), "in_progress", false),
        (json!({"status": "pending"}), "pending", false),
        (json!({"status": "completed"}), "completed", true),
        (json!({"completed": true}), "completed", true),
        (json!({"completed": false}), "in_progress", false),
        (
            json!({"status": "completed", "completed": true}),
            "completed",
            true,
        ),
        (
            json!({"status": "pending", "completed": false}),
            "pending",
            false,
        ),
        (
            json!({"title": "Pay more rent", "due_date": "2027-01-31"}),
            "in_progress",
            false,
        ),
    ] {
        let task = whole_task(&user).await;
        let answer = user.patch(&path_of(&task), &patch).await;

        let changed = answer.expect(200);
        let mut expected = task;
        for (member, value) in patch.as_object().expect("it is an object") {
            expected[member] = value
                .as_str()
                .map_or(value.clone(), |text| json!(text.trim()));
        }
        expected["status"] = json!(status);
        expected["completed"] = json!(completed);
        expected["updated_at"] = changed["updated_at"].clone();
        expected["version"] = json!(2);
        assert_eq!(changed, expected, "{patch}");
        assert_eq!(answer.header("etag"), Some("\"2\""), "{patch}");
        assert_eq!(user.row_of(&changed).await["version"], 2, "{patch}");
        assert_eq!(
            user.get(&path_of(&changed)).await.expect(200),
            changed,
            "{patch}"
        );
    }
}

#[tokio::test]
async fn null_clears_the_description_and_the_due_date() {
    let user = service().new_user().await;
    for (patch, description, due_date) in [
        (json!({"description": null}), json!(""), json!("2026-12-31")),
        (
            json!({"due_date": null}),
            json!("Before noon."),
            Value::Null,
        ),
        (
            json!({"description": null, "due_date": null}),
            json!(""),
            Value::Null,
        ),
    ] {
        let task = whole_task(&user).await;
        let changed = user.patch(&path_of(&task), &patch).await.expect(200);

        assert_eq!(
            (&changed["description"], &changed["due_date"]),
            (&description, &due_date)
        );
        user.row_of(&changed).await;
    }
}

#[tokio::test]
async fn an_empty_patch_leaves_everything() {
    let user = service().new_user().await;
    let task = whole_task(&user).await;
    let said_by_the_server =
        json!({"id": "x", "user_id": "x", "created_at": "x", "updated_at": 1, "version": 9});
    for patch in [json!({}), said_by_the_server] {
        let answer = user.patch(&path_of(&task), &patch).await;

        assert_eq!(answer.expect(200), task);
        assert_eq!(task["updated_at"], Value::Null);
        assert_eq!(answer.header("etag"), Some("\"1\""));
        assert_eq!(user.row_of(&task).await["version"], 1);
    }
}

#[tokio::test]
async fn a_change_sets_updated_at_and_leaves_created_at() {
    let user = service().new_user().await;
    let mut task = whole_task(&user).await;
    let mut last = moment(&task["created_at"]);
    for method in ["PATCH", "PUT", "PATCH", "PUT"] {
        let body = json!({"title": method});
        let changed = user
            .call(method, &path_of(&task))
            .json(&body)
            .send()
            .await
            .expect(200);

        assert!(is_utc_time(&changed["updated_at"]), "{changed}");
        assert!(
            moment(&changed["updated_at"]) > last,
            "{changed} after {last}"
        );
        assert_eq!(changed["created_at"], task["created_at"]);
        last = moment(&changed["updated_at"]);
        task = changed;
    }
    assert_eq!(user.row_of(&task).await["version"], 5);
}

#[tokio::test]
async fn every_change_makes_another_etag() {
    let user = service().new_user().await;
    let path = path_of(&whole_task(&user).await);
    for (method, etag) in [("PATCH", "\"2\""), ("PUT", "\"3\""), ("PATCH", "\"4\"")] {
        let body = json!({"title": "Always the same"});
        let answer = user.call(method, &path).json(&body).send().await;

        answer.expect(200);
        assert_eq!(answer.header("etag"), Some(etag), "{method}");
        assert_eq!(user.get(&path).await.header("etag"), Some(etag), "{method}");
    }
}

#[tokio::test]
async fn completed_false_makes_a_completed_task_pending_and_no_other() {
    let user = service().new_user().await;
    for (before, after) in [
        ("completed", "pending"),
        ("in_progress", "in_progress"),
        ("pending", "pending"),
    ] {
        let body = json!({"title": "Buy milk", "status": before});
        let task = user.post("/api/v1/tasks", &body).await.expect(201);
        let changed = user
            .patch(&path_of(&task), &json!({"completed": false}))
            .await
            .expect(200);

        assert_eq!(
            (&changed["status"], &changed["completed"]),
            (&json!(after), &json!(false))
        );
        user.row_of(&changed).await;
    }
}

#[tokio::test]
async fn a_task_may_be_sent_back_as_it_was_answered() {
    let user = service().new_user().await;
    for status in ["pending", "in_progress", "completed"] {
        for method in METHODS {
            let body = json!({"title": "Pay", "status": status, "due_date": "2026-12-31"});
            let task = user.post("/api/v1/tasks", &body).await.expect(201);
            let answer = user.call(method, &path_of(&task)).json(&task).send().await;

            let mut expected = answer.expect(200);
            assert!(is_utc_time(&expected["updated_at"]), "{expected}");
            expected["updated_at"] = Value::Null;
            expected["version"] = json!(1);
            assert_eq!(expected, task, "{method} of {status}");
            user.row_of(&task).await;
        }
    }
}

#[tokio::test]
async fn a_put_replaces_the_whole_task() {
    let user = service().new_user().await;
    for (body, status) in [
        (json!({"title": "Rest"}), "pending"),
        (
            json!({"title": "Rest", "description": null, "due_date": null}),
            "pending",
        ),
        (json!({"title": "Rest", "completed": false}), "pending"),
        (json!({"title": "Rest", "completed": true}), "completed"),
        (json!({"title": "Rest", "status": "completed"}), "completed"),
        (
            json!({"title": " Rest\n", "status": "in_progress", "completed": false}),
            "in_progress",
        ),
    ] {
        let task = whole_task(&user).await;
        let answer = user.put(&path_of(&task), &body).await;

        let replaced = answer.expect(200);
        let expected = json!({
            "id": task["id"],
            "user_id": user.id,
            "title": "Rest",
            "description": "",
            "status": status,
            "completed": status == "completed",
            "due_date": null,
            "created_at": task["created_at"],
            "updated_at": replaced["updated_at"],
            "version": 2,
        });
        assert_eq!(replaced, expected, "{body}");
        assert_eq!(answer.header("etag"), Some("\"2\""), "{body}");
        assert_eq!(user.row_of(&replaced).await["version"], 2, "{body}");
    }
}

#[tokio::test]
async fn a_put_takes_every_member() {
    let user = service().new_user().await;
    let task = user.create("Buy milk").await;
    let body = json!({
        "title": "🦀".repeat(200),
        "description": "🦀".repeat(1000),
        "status": "completed",
        "due_date": "9999-12-31",
    });

    let replaced = user.put(&path_of(&task), &body).await.expect(200);

    for (member, value) in body.as_object().expect("it is an object") {
        assert_eq!(&replaced[member], value, "{member}");
    }
    user.row_of(&replaced).await;
}

#[tokio::test]
async fn a_put_needs_a_title() {
    let user = service().new_user().await;
    let task = whole_task(&user).await;
    for body in [
        json!({}),
        json!({"description": "Before noon.", "status": "pending"}),
    ] {
        let answer = user.put(&path_of(&task), &body).await;

        answer.expect_invalid(&["/title"]);
        assert_eq!(user.row_of(&task).await["version"], 1);
    }
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named_and_nothing_is_changed() {
    let user = service().new_user().await;
    let task = whole_task(&user).await;
    for method in METHODS {
        for (changes, pointers) in [
            (json!({"title": null}), &["/title"][..]),
            (json!({"title": "  "}), &["/title"]),
            (json!({"title": "a".repeat(201)}), &["/title"]),
            (json!({"title": "Buy\0milk"}), &["/title"]),
            (json!({"title": 1}), &["/title"]),
            (json!({"description": "a".repeat(1001)}), &["/description"]),
            (json!({"description": "\0"}), &["/description"]),
            (json!({"description": {}}), &["/description"]),
            (json!({"status": null}), &["/status"]),
            (json!({"status": "done"}), &["/status"]),
            (json!({"completed": null}), &["/completed"]),
            (json!({"completed": "false"}), &["/completed"]),
            (
                json!({"completed": true, "status": "pending"}),
                &["/completed"],
            ),
            (
                json!({"completed": false, "status": "completed"}),
                &["/completed"],
            ),
            (json!({"due_date": "2027-02-29"}), &["/due_date"]),
            (json!({"due_date": ""}), &["/due_date"]),
            (json!({"due_date": 0}), &["/due_date"]),
            (json!({"colour": null}), &["/colour"]),
            (json!({"colour": 9}), &["/colour"]),
            (
                json!({"title": "", "description": 1, "status": null, "completed": null,
                    "due_date": "soon", "colour": "red"}),
                &[
                    "/title",
                    "/description",
                    "/status",
                    "/completed",
                    "/due_date",
                    "/colour",
                ],
            ),
        ] {
            let mut body = json!({"title": "Fine"});
            for (member, value) in changes.as_object().expect("it is an object") {
                body[member] = value.clone();
            }
            let answer = user.call(method, &path_of(&task)).json(&body).send().await;

            assert_eq!(answer.status(), 422, "{method} {body}: {answer:?}");
            answer.expect_invalid(pointers);
            assert_eq!(user.row_of(&task).await["version"], 1, "{method} {body}");
        }
    }
}

#[tokio::test]
async fn what_is_not_one_json_object_is_refused() {
    let user = service().new_user().await;
    let task = whole_task(&user).await;
    for method in METHODS {
        for body in [
            b"".as_slice(),
            b"null",
            br#"[{"op": "replace", "path": "/title", "value": "Buy oil"}]"#,
            br#"{"title": "Buy oil""#,
            br#"{"title": "Buy oil", "title": "Buy oil"}"#,
            br#"{"title": "\ud83e"}"#,
            b"{\"title\": \"\xff\"}",
        ] {
            let call = user
                .call(method, &path_of(&task))
                .raw("application/json", body);
            let answer = call.send().await;

            answer.expect_problem(400, "bad-request");
            assert_eq!(user.row_of(&task).await["version"], 1, "{method}");
        }
    }
}

#[tokio::test]
async fn a_body_is_read_when_it_is_said_to_be_json() {
    let user = service().new_user().await;
    for method in METHODS {
        for (media_type, status) in [
            ("application/json; charset=utf-8", 200),
            ("application/merge-patch+json", 200),
            ("application/json; charset=utf-16", 415),
            ("text/plain", 415),
        ] {
            let task = whole_task(&user).await;
            let call = user.call(method, &path_of(&task));
            let answer = call
                .raw(media_type, br#"{"title": "Buy oil"}"#)
                .send()
                .await;

            let answered = answer.expect(status);
            let stored = if status == 200 { &answered } else { &task };
            user.row_of(stored).await;
        }
    }
}

#[tokio::test]
async fn a_body_above_256_kib_is_refused() {
    let user = service().new_user().await;
    let task = whole_task(&user).await;
    let mut body = br#"{"title": "Buy oil"}"#.to_vec();
    body.resize(256 * 1024 + 1, b' ');
    for method in METHODS {
        let call = user
            .call(method, &path_of(&task))
            .raw("application/json", &body);
        let answer = call.send().await;

        answer.expect_problem(413, "too-large");
        assert_eq!(user.row_of(&task).await["version"], 1, "{method}");
    }
}

#[tokio::test]
async fn a_task_that_does_not_exist_is_not_found_and_not_made() {
    let user = service().new_user().await;
    for family in user.families() {
        for (method, body) in [
            ("PATCH", json!({"title": "Buy milk"})),
            ("PATCH", json!({})),
            ("PUT", json!({"title": "Buy milk"})),
        ] {
            let path = format!("{family}/{}", Uuid::now_v7());
            let answer = user.call(method, &path).json(&body).send().await;

            answer.expect_problem(404, "not-found");
            assert!(user.stored().await.is_empty(), "{method} {body}");
        }
    }
}

#[tokio::test]
async fn a_malformed_id_changes_nothing() {
    let user = service().new_user().await;
    let task = whole_task(&user).await;
    for method in METHODS {
        for id in ["1", "%25", &id_of(&task).replace('-', "")] {
            let call = user.call(method, &format!("/api/v1/tasks/{id}"));
            let answer = call.json(&json!({"title": "Buy milk"})).send().await;

            answer.expect_problem(400, "bad-request");
            assert_eq!(user.row_of(&task).await["version"], 1);
        }
    }
}

#[tokio::test]
async fn both_route_families_update() {
    let user = service().new_user().await;
    for family in user.families() {
        for method in METHODS {
            let task = whole_task(&user).await;
            let call = user.call(method, &format!("{family}/{}", id_of(&task)));
            let answer = call.json(&json!({"title": method})).send().await;

            let changed = answer.expect(200);
            assert_eq!(
                (&changed["id"], &changed["title"]),
                (&task["id"], &json!(method))
            );
            user.row_of(&changed).await;
        }
    }
}

#[tokio::test]
async fn an_update_leaves_the_users_other_tasks() {
    let user = service().new_user().await;
    let (task, other) = (whole_task(&user).await, whole_task(&user).await);
    for method in METHODS {
        let call = user.call(method, &path_of(&task));
        call.json(&json!({"title": "Buy milk"}))
            .send()
            .await
            .expect(200);

        assert_eq!(user.row_of(&other).await["version"], 1, "{method}");
        assert_eq!(user.stored().await.len(), 2, "{method}");
    }
}

/// A task with a value in every member.
async fn whole_task(user: &TestUser) -> Value {
    let body = json!({
        "title": "Pay the rent",
        "description": "Before noon.",
        "status": "in_progress",
        "due_date": "2026-12-31",
    });
    user.post("/api/v1/tasks", &body).await.expect(201)
}

/// A time in UTC as text that sorts by time.
fn moment(time: &Value) -> String {
    let text = time.as_str().expect("a time is text");
    text.trim_end_matches('Z').to_owned()
}
