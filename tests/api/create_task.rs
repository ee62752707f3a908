//! `POST /api/v1/tasks`

use serde_json::{Value, json};
use testing::{Answer, Call, TestUser, is_utc_time, members, service};

const MAX_BODY_BYTES: usize = 256 * 1024;

#[tokio::test]
async fn a_title_alone_makes_a_pending_task() {
    let user = service().new_user().await;

    let answer = user
        .post("/api/v1/tasks", &json!({"title": "  Buy milk "}))
        .await;

    let task = answer.expect(201);
    assert_eq!(task["title"], "Buy milk");
    assert_eq!(task["user_id"], user.id);
    assert_eq!(task["description"], "");
    assert_eq!(
        (&task["status"], &task["completed"]),
        (&json!("pending"), &json!(false))
    );
    assert_eq!(
        (&task["due_date"], &task["updated_at"]),
        (&Value::Null, &Value::Null)
    );
    let path = format!("/api/v1/tasks/{}", task["id"].as_str().expect("an id"));
    assert_eq!(answer.header("location"), Some(path.as_str()));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    let stored = user.stored().await;
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0]["title"], "Buy milk");
}

#[tokio::test]
async fn a_task_can_be_made_whole() {
    let user = service().new_user().await;
    let body = json!({
        "title": "Pay the rent",
        "description": "Before noon.\nBy transfer.",
        "status": "in_progress",
        "due_date": "2028-02-29",
    });

    let task = user.post("/api/v1/tasks", &body).await.expect(201);

    for (member, value) in body.as_object().expect("it is an object") {
        assert_eq!(&task[member], value, "{member}");
    }
    assert_eq!(task["completed"], false);
    assert_eq!(user.row_of(&task).await["version"], 1);
}

#[tokio::test]
async fn a_task_has_the_members_of_the_contract_and_no_others() {
    let user = service().new_user().await;

    let task = user.create("Buy milk").await;

    let contract = [
        "completed",
        "created_at",
        "description",
        "due_date",
        "id",
        "status",
        "title",
        "updated_at",
        "user_id",
        "version",
    ];
    assert_eq!(members(&task), contract);
    assert!(is_utc_time(&task["created_at"]), "{task}");
}

#[tokio::test]
async fn the_location_of_a_new_task_answers_get() {
    let user = service().new_user().await;
    let answer = user
        .post("/api/v1/tasks", &json!({"title": "Buy milk"}))
        .await;
    let location = answer.header("location").expect("it says where");

    let found = user.get(location).await;

    assert_eq!(found.expect(200), answer.expect(201));
    assert_eq!(found.header("etag"), answer.header("etag"));
}

#[tokio::test]
async fn both_route_families_make_tasks() {
    let user = service().new_user().await;
    for path in user.families() {
        let answer = user.post(&path, &json!({"title": "Buy milk"})).await;

        let task = answer.expect(201);
        assert_eq!(task["user_id"], user.id, "{path}");
        user.row_of(&task).await;
    }
    assert_eq!(user.stored().await.len(), 2);
}

#[tokio::test]
async fn the_same_body_twice_makes_two_tasks() {
    let user = service().new_user().await;

    let (first, second) = (user.create("Buy milk").await, user.create("Buy milk").await);

    assert_ne!(first["id"], second["id"]);
    assert_eq!(user.stored().await.len(), 2);
}

#[tokio::test]
async fn white_space_around_texts_is_trimmed_and_kept_inside() {
    let user = service().new_user().await;
    let body = json!({
        "title": "\u{a0}\t Buy \u{3000} milk\r\n\u{2003}",
        "description": "\n  Two\n\n  litres \n",
    });

    let task = user.post("/api/v1/tasks", &body).await.expect(201);

    assert_eq!(task["title"], "Buy \u{3000} milk");
    assert_eq!(task["description"], "Two\n\n  litres");
    user.row_of(&task).await;
}

#[tokio::test]
async fn texts_have_limits_in_characters_and_reach_them() {
    let user = service().new_user().await;
    for (title, description) in [
        ("🦀".repeat(200), "🦀".repeat(1000)),
        (
            format!(" {} ", "a".repeat(200)),
            format!("\n{}\n", "é".repeat(1000)),
        ),
        ("a".to_owned(), String::new()),
    ] {
        let body = json!({"title": title, "description": description});
        let task = user.post("/api/v1/tasks", &body).await.expect(201);

        assert_eq!(task["title"], title.trim());
        assert_eq!(task["description"], description.trim());
        user.row_of(&task).await;
    }
}

#[tokio::test]
async fn texts_come_back_as_they_were_sent() {
    let user = service().new_user().await;
    for text in [
        "'; drop table tasks; --",
        r#"{"$ne": null} \ " <script>"#,
        "zażółć 待辦 שלום 👩‍👩‍👧‍👦 e\u{301}",
        "\u{1}\u{7f}\u{200b}\u{feff}x",
        "null",
    ] {
        let body = json!({"title": text, "description": text});
        let task = user.post("/api/v1/tasks", &body).await.expect(201);

        assert_eq!(
            (&task["title"], &task["description"]),
            (&json!(text), &json!(text))
        );
        user.row_of(&task).await;
    }
}

#[tokio::test]
async fn null_stands_for_no_description_and_no_due_date() {
    let user = service().new_user().await;
    let body = json!({"title": "Buy milk", "description": null, "due_date": null});

    let task = user.post("/api/v1/tasks", &body).await.expect(201);

    assert_eq!(
        (&task["description"], &task["due_date"]),
        (&json!(""), &Value::Null)
    );
    user.row_of(&task).await;
}

#[tokio::test]
async fn status_and_completed_say_the_same() {
    let user = service().new_user().await;
    for (said, status, completed) in [
        (json!({"completed": true}), "completed", true),
        (json!({"completed": false}), "pending", false),
        (json!({"status": "pending"}), "pending", false),
        (json!({"status": "completed"}), "completed", true),
        (
            json!({"status": "in_progress", "completed": false}),
            "in_progress",
            false,
        ),
        (
            json!({"status": "completed", "completed": true}),
            "completed",
            true,
        ),
    ] {
        let task = user.post("/api/v1/tasks", &titled(&said)).await.expect(201);

        assert_eq!(
            (&task["status"], &task["completed"]),
            (&json!(status), &json!(completed))
        );
        user.row_of(&task).await;
    }
}

#[tokio::test]
async fn the_server_decides_who_owns_a_task_and_when_it_was_made() {
    let user = service().new_user().await;
    let body = json!({
        "title": "Buy milk",
        "id": "019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70",
        "user_id": "somebody-else",
        "created_at": "2001-01-01T00:00:00Z",
        "updated_at": "2001-01-01T00:00:00Z",
        "version": 7,
    });

    let task = user.post("/api/v1/tasks", &body).await.expect(201);

    assert_eq!(
        (&task["user_id"], &task["updated_at"], &task["version"]),
        (&json!(user.id), &Value::Null, &json!(1))
    );
    assert_ne!(task["id"], body["id"]);
    assert_ne!(task["created_at"], body["created_at"]);
    user.row_of(&task).await;
}

#[tokio::test]
async fn a_due_date_is_a_day_of_the_calendar() {
    let user = service().new_user().await;
    for date in ["0001-01-01", "1999-12-31", "2028-02-29", "9999-12-31"] {
        let body = json!({"title": "Buy milk", "due_date": date});
        let task = user.post("/api/v1/tasks", &body).await.expect(201);

        assert_eq!(task["due_date"], date);
        user.row_of(&task).await;
    }
}

#[tokio::test]
async fn a_value_that_breaks_a_rule_is_named_and_nothing_is_stored() {
    let user = service().new_user().await;
    for (body, pointer) in [
        (json!({}), "/title"),
        (json!({"title": null}), "/title"),
        (json!({"title": ""}), "/title"),
        (json!({"title": " \t\r\n\u{a0}\u{3000}"}), "/title"),
        (json!({"title": 1}), "/title"),
        (json!({"title": ["Buy milk"]}), "/title"),
        (json!({"title": "🦀".repeat(201)}), "/title"),
        (json!({"title": "a".repeat(201)}), "/title"),
        (json!({"title": "Buy\0milk"}), "/title"),
        (json!({"title": "\0"}), "/title"),
        (
            titled(&json!({"description": "é".repeat(1001)})),
            "/description",
        ),
        (titled(&json!({"description": "milk\0"})), "/description"),
        (titled(&json!({"description": false})), "/description"),
        (titled(&json!({"status": null})), "/status"),
        (titled(&json!({"status": "done"})), "/status"),
        (titled(&json!({"status": "Pending"})), "/status"),
        (titled(&json!({"status": " pending"})), "/status"),
        (titled(&json!({"status": "pending\0"})), "/status"),
        (titled(&json!({"status": 0})), "/status"),
        (titled(&json!({"completed": null})), "/completed"),
        (titled(&json!({"completed": "true"})), "/completed"),
        (titled(&json!({"completed": 1})), "/completed"),
        (
            titled(&json!({"completed": true, "status": "pending"})),
            "/completed",
        ),
        (
            titled(&json!({"completed": true, "status": "in_progress"})),
            "/completed",
        ),
        (
            titled(&json!({"completed": false, "status": "completed"})),
            "/completed",
        ),
        (titled(&json!({"due_date": ""})), "/due_date"),
        (titled(&json!({"due_date": "tomorrow"})), "/due_date"),
        (titled(&json!({"due_date": "2027-02-29"})), "/due_date"),
        (titled(&json!({"due_date": "2026-13-01"})), "/due_date"),
        (titled(&json!({"due_date": "2026-1-1"})), "/due_date"),
        (titled(&json!({"due_date": "20261231"})), "/due_date"),
        (
            titled(&json!({"due_date": "2026-12-31T00:00:00Z"})),
            "/due_date",
        ),
        (titled(&json!({"due_date": "0000-01-01"})), "/due_date"),
        (titled(&json!({"due_date": "-001-01-01"})), "/due_date"),
        (titled(&json!({"due_date": "10000-01-01"})), "/due_date"),
        (titled(&json!({"due_date": "2026-12-31\0"})), "/due_date"),
        (titled(&json!({"due_date": 20_261_231})), "/due_date"),
        (titled(&json!({"colour": "red"})), "/colour"),
        (titled(&json!({"colour": null})), "/colour"),
        (titled(&json!({"Title": "Buy milk"})), "/Title"),
        (titled(&json!({"colour": 7})), "/colour"),
        (titled(&json!({"a/b~c": 1})), "/a~1b~0c"),
    ] {
        let answer = user.post("/api/v1/tasks", &body).await;

        assert_eq!(answer.status(), 422, "{body}: {answer:?}");
        answer.expect_invalid(&[pointer]);
        assert!(user.stored().await.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn a_due_date_has_4_2_and_2_digits() {
    let user = service().new_user().await;
    for date in [
        " 2026-12-1",
        "2026- 1- 1",
        "  026-12-1",
        "2026-1 -01",
        "2026-01-1 ",
        "2026-+1-+1",
        "+2026-12-1",
        "+26-012-31",
        "2026-1-001",
        "2026-\u{a0}1-1",
        "２-12-3１",
    ] {
        let body = json!({"title": "Buy milk", "due_date": date});
        let answer = user.post("/api/v1/tasks", &body).await;

        assert_eq!(answer.status(), 422, "{body}: {answer:?}");
        answer.expect_invalid(&["/due_date"]);
        assert!(user.stored().await.is_empty(), "{body}");
    }
}

#[tokio::test]
async fn every_broken_rule_is_named_at_once() {
    let user = service().new_user().await;
    let body = json!({
        "title": " ",
        "description": "a".repeat(1001),
        "status": "done",
        "completed": "yes",
        "due_date": "soon",
        "colour": "red",
        "shape": "round",
    });

    let answer = user.post("/api/v1/tasks", &body).await;

    answer.expect_invalid(&[
        "/title",
        "/description",
        "/status",
        "/completed",
        "/due_date",
        "/colour",
        "/shape",
    ]);
    assert!(user.stored().await.is_empty());
}

#[tokio::test]
async fn what_is_not_one_json_object_is_refused() {
    let user = service().new_user().await;
    let deep = format!(r#"{{"title": {}{}}}"#, "[".repeat(5000), "]".repeat(5000));
    for body in [
        b"".as_slice(),
        b"   ",
        b"title=Buy+milk",
        b"null",
        b"true",
        b"1",
        br#""Buy milk""#,
        b"[]",
        br#"[{"title": "Buy milk"}]"#,
        br#"{"title": "Buy milk""#,
        br#"{"title": "Buy milk",}"#,
        br#"{"title": 'Buy milk'}"#,
        br#"{"title": "Buy milk"} {"title": "Buy milk"}"#,
        br#"{"title": "Buy milk"}x"#,
        br#"{"title": "Buy milk", "title": "Buy oil"}"#,
        br#"{"title": "Buy milk", "\u0074itle": "Buy oil"}"#,
        br#"{"title": "Buy milk", "colour": 1, "colour": 1}"#,
        br#"{"title": "\ud83e"}"#,
        br#"{"title": "\udd80\ud83e"}"#,
        br#"{"title": "Buy milk", "\ud83e": 1}"#,
        b"{\"title\": \"Buy\nmilk\"}",
        b"{\"title\": \"Buy\0milk\"}",
        b"{\"title\": \"Buy milk \xff\"}",
        b"{\"title\": \"\xed\xa0\xbe\"}",
        b"{\"title\": \"\xc0\x80\"}",
        b"\xff\xfe{\0}\0",
        b"\xef\xbb\xbf{\"title\": \"Buy milk\"}",
        br#"{"title": "Buy milk", "due_date": NaN}"#,
        deep.as_bytes(),
    ] {
        for answer in sent_both_ways(&user, "application/json", body).await {
            let body = String::from_utf8_lossy(body);

            assert_eq!(answer.status(), 400, "{body}: {answer:?}");
            answer.expect_problem(400, "bad-request");
            assert!(user.stored().await.is_empty(), "{body}");
        }
    }
}

#[tokio::test]
async fn a_request_without_a_body_is_refused() {
    let user = service().new_user().await;

    let answer = create(&user)
        .header("content-type", "application/json")
        .send()
        .await;

    answer.expect_problem(400, "bad-request");
    assert!(user.stored().await.is_empty());
}

#[tokio::test]
async fn a_body_that_is_said_to_be_json_is_read() {
    let user = service().new_user().await;
    for media_type in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json; charset=\"utf-8\"",
        "application/merge-patch+json",
        "application/vnd.todo.v1+json",
    ] {
        let answer = create(&user)
            .raw(media_type, br#"{"title": "Buy milk"}"#)
            .send()
            .await;

        assert_eq!(answer.status(), 201, "{media_type}: {answer:?}");
        user.row_of(&answer.json()).await;
    }
}

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_refused() {
    let user = service().new_user().await;
    for media_type in [
        "",
        "json",
        "text/json",
        "text/plain",
        "text/plain+json",
        "application/jsonx",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
        "application/json; profile=x; charset=latin1",
        "application/json, text/plain",
    ] {
        let answer = create(&user)
            .raw(media_type, br#"{"title": "Buy milk"}"#)
            .send()
            .await;

        assert_eq!(answer.status(), 415, "{media_type}: {answer:?}");
        answer.expect_problem(415, "unsupported-media-type");
        assert!(user.stored().await.is_empty(), "{media_type}");
    }
}

#[tokio::test]
async fn a_body_without_a_media_type_is_refused() {
    let user = service().new_user().await;
    let (mut event, function) = create(&user).json(&json!({"title": "Buy milk"})).event();
    event["headers"]
        .as_object_mut()
        .expect("it has headers")
        .remove("content-type");

    let answer = user
        .service
        .function(&function)
        .invoke(&event)
        .await
        .expect("an answer");

    assert_eq!(answer["statusCode"], 415, "{answer}");
    assert!(user.stored().await.is_empty());
}

#[tokio::test]
async fn a_body_may_travel_in_base64() {
    let user = service().new_user().await;
    let body = json!({"title": "Köp mjölk 🥛"});

    let task = create(&user)
        .json(&body)
        .in_base64()
        .send()
        .await
        .expect(201);

    assert_eq!(task["title"], body["title"]);
    user.row_of(&task).await;
}

#[tokio::test]
async fn a_body_of_256_kib_is_read() {
    let user = service().new_user().await;
    let body = padded(MAX_BODY_BYTES);
    for answer in sent_both_ways(&user, "application/json", &body).await {
        user.row_of(&answer.expect(201)).await;
    }
}

#[tokio::test]
async fn a_body_above_256_kib_is_refused() {
    let user = service().new_user().await;
    for body in [
        padded(MAX_BODY_BYTES + 1),
        // The title has fewer characters than the limit, and more bytes.
        json!({"title": "🦀".repeat(MAX_BODY_BYTES / 4)})
            .to_string()
            .into_bytes(),
        vec![0xff; MAX_BODY_BYTES + 1],
    ] {
        for answer in sent_both_ways(&user, "application/json", &body).await {
            answer.expect_problem(413, "too-large");
            assert!(user.stored().await.is_empty());
        }
    }
}

/// A body with these members and a title.
fn titled(members: &Value) -> Value {
    let mut body = members.clone();
    body["title"] = json!("Buy milk");
    body
}

/// A good body of so many bytes.
fn padded(bytes: usize) -> Vec<u8> {
    let mut body = br#"{"title": "Buy milk"}"#.to_vec();
    body.resize(bytes, b' ');
    body
}

fn create(user: &TestUser) -> Call<'_> {
    user.call("POST", "/api/v1/tasks")
}

/// The answers to a body in base64 and, if it is UTF-8, as text.
async fn sent_both_ways(user: &TestUser, media_type: &str, body: &[u8]) -> [Answer; 2] {
    [
        create(user).raw(media_type, body).send().await,
        create(user).raw(media_type, body).in_base64().send().await,
    ]
}

#[tokio::test]
async fn a_body_of_junk_is_not_sent_back() {
    let user = service().new_user().await;
    let junk: String = (0..20_000)
        .map(|number| format!("\"{number}\":1,"))
        .collect();
    let body = format!("{{{junk}\"title\": \"Junk\"}}");
    let call = user.call("POST", "/api/v1/tasks");

    let answer = call.raw("application/json", body.as_bytes()).send().await;

    let problem = answer.expect_problem(422, "invalid");
    assert_eq!(problem["errors"].as_array().map(Vec::len), Some(50));
    let detail = problem["detail"].as_str().expect("a sentence");
    assert!(
        detail.ends_with("of which the first 50 are named."),
        "{detail}"
    );
    assert!(answer.text().len() < 5_000, "{}", answer.text().len());
}
