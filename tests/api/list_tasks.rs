//! `GET /api/v1/tasks`

use serde_json::{Value, json};
use testing::{TestUser, forge, id_of, members, path_of, service, transaction_of};
use tokio_postgres::types::Type;

#[tokio::test]
async fn whoever_has_no_tasks_gets_an_empty_list() {
    let user = service().new_user().await;
    for path in user.families() {
        let answer = user.get(&path).await;

        let expected = json!({"tasks": [], "total": 0, "next_cursor": null});
        assert_eq!(answer.expect(200), expected, "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    }
}

#[tokio::test]
async fn the_newest_task_comes_first_and_each_is_whole() {
    let user = service().new_user().await;
    let (old, new) = (user.create("Old").await, user.create("New").await);
    for path in user.families() {
        let list = user.get(&path).await.expect(200);

        let expected = json!({"tasks": [new, old], "total": 2, "next_cursor": null});
        assert_eq!(list, expected, "{path}");
    }
}

#[tokio::test]
async fn a_changed_task_keeps_its_place() {
    let user = service().new_user().await;
    let (old, _) = (user.create("Old").await, user.create("New").await);
    user.patch(&path_of(&old), &json!({"title": "Older"}))
        .await
        .expect(200);

    let list = user.get("/api/v1/tasks").await.expect(200);

    assert_eq!(titles(&list), ["New", "Older"]);
}

#[tokio::test]
async fn a_page_has_50_tasks_unless_asked_otherwise() {
    let user = service().new_user().await;
    store_at_one_moment(&user, 51).await;

    let list = user.get("/api/v1/tasks").await.expect(200);

    assert_eq!(titles(&list).len(), 50);
    assert_eq!(list["total"], 51);
    assert!(list["next_cursor"].is_string());
}

#[tokio::test]
async fn limit_and_offset_cut_a_page_out() {
    let user = service().new_user().await;
    for title in ["1", "2", "3", "4", "5"] {
        user.create(title).await;
    }
    for (query, page, is_last) in [
        ("limit=2", &["5", "4"][..], false),
        ("limit=2&offset=2", &["3", "2"], false),
        ("limit=2&offset=3", &["2", "1"], true),
        ("limit=2&offset=4", &["1"], true),
        ("limit=5", &["5", "4", "3", "2", "1"], true),
        ("limit=4", &["5", "4", "3", "2"], false),
        ("limit=200&offset=0", &["5", "4", "3", "2", "1"], true),
        ("limit=1", &["5"], false),
        ("offset=3", &["2", "1"], true),
        ("offset=5", &[], true),
        ("offset=10000", &[], true),
        ("limit=%32", &["5", "4"], false),
    ] {
        let list = user
            .get(&format!("/api/v1/tasks?{query}"))
            .await
            .expect(200);

        assert_eq!(titles(&list), page, "{query}");
        assert_eq!(list["total"], 5, "{query}");
        assert_eq!(list["next_cursor"].is_null(), is_last, "{query}");
    }
}

#[tokio::test]
async fn filters_narrow_the_list_and_its_total() {
    let user = service().new_user().await;
    for status in [
        "pending",
        "in_progress",
        "completed",
        "pending",
        "completed",
    ] {
        let body = json!({"title": status, "status": status});
        user.post("/api/v1/tasks", &body).await.expect(201);
    }
    let all = [
        "completed",
        "pending",
        "completed",
        "in_progress",
        "pending",
    ];
    for path in user.families() {
        for (query, shown) in [
            ("", &all[..]),
            ("?completed=true", &["completed", "completed"]),
            ("?completed=false", &["pending", "in_progress", "pending"]),
            ("?status=pending", &["pending", "pending"]),
            ("?status=in_progress", &["in_progress"]),
            ("?status=completed", &["completed", "completed"]),
            ("?status=in_progress&completed=false", &["in_progress"]),
            (
                "?completed=true&status=completed",
                &["completed", "completed"],
            ),
            ("?status=pending&completed=true", &[]),
            ("?status=in_progress&completed=true", &[]),
            ("?status=completed&completed=false", &[]),
        ] {
            let list = user.get(&format!("{path}{query}")).await.expect(200);

            assert_eq!(titles(&list), shown, "{path}{query}");
            assert_eq!(list["total"], shown.len(), "{path}{query}");
            assert_eq!(list["next_cursor"], Value::Null, "{path}{query}");
        }
    }
}

#[tokio::test]
async fn the_total_of_a_filter_counts_beyond_its_page() {
    let user = service().new_user().await;
    for completed in [true, false, true, true] {
        let body = json!({"title": "Buy milk", "completed": completed});
        user.post("/api/v1/tasks", &body).await.expect(201);
    }
    for (query, shown, total) in [
        ("completed=true&limit=1", 1, 3),
        ("completed=true&offset=3", 0, 3),
        ("completed=false&offset=9", 0, 1),
        ("status=completed&limit=2&offset=2", 1, 3),
    ] {
        let list = user
            .get(&format!("/api/v1/tasks?{query}"))
            .await
            .expect(200);

        assert_eq!(titles(&list).len(), shown, "{query}");
        assert_eq!(list["total"], total, "{query}");
    }
}

#[tokio::test]
async fn a_list_follows_what_happens_to_its_tasks() {
    let user = service().new_user().await;
    let (toggled, deleted) = (user.create("Toggled").await, user.create("Deleted").await);
    user.call("POST", &format!("{}/toggle", path_of(&toggled)))
        .send()
        .await
        .expect(200);
    user.delete(&path_of(&deleted)).await.expect(204);

    let open = user.get("/api/v1/tasks?completed=false").await.expect(200);
    let done = user.get("/api/v1/tasks?status=completed").await.expect(200);

    assert_eq!((titles(&open), &open["total"]), (vec![], &json!(0)));
    assert_eq!(
        (titles(&done), &done["total"]),
        (vec!["Toggled"], &json!(1))
    );
}

#[tokio::test]
async fn a_walk_along_the_cursors_meets_every_task_once_and_in_order() {
    let user = service().new_user().await;
    let mut made = Vec::new();
    for n in 0..25 {
        made.push(user.create(&n.to_string()).await);
    }
    made.reverse();
    for path in user.families() {
        let pages = walk(&user, &format!("{path}?limit=7")).await;

        let sizes: Vec<usize> = pages.iter().map(|page| titles(page).len()).collect();
        assert_eq!(sizes, [7, 7, 7, 4], "{path}");
        assert_eq!(tasks(&pages), made.iter().collect::<Vec<_>>(), "{path}");
        assert!(pages.iter().all(|page| page["total"] == 25), "{path}");
    }
}

#[tokio::test]
async fn a_walk_ends_with_a_page_that_is_just_full() {
    let user = service().new_user().await;
    store_at_one_moment(&user, 14).await;

    let pages = walk(&user, "/api/v1/tasks?limit=7").await;

    let sizes: Vec<usize> = pages.iter().map(|page| titles(page).len()).collect();
    assert_eq!(sizes, [7, 7]);
}

#[tokio::test]
async fn tasks_of_the_same_moment_are_met_once_each_by_falling_id() {
    let user = service().new_user().await;
    store_at_one_moment(&user, 10).await;

    let pages = walk(&user, "/api/v1/tasks?limit=3").await;

    let ids: Vec<&str> = tasks(&pages).into_iter().map(id_of).collect();
    assert_eq!(ids.len(), 10);
    assert!(ids.is_sorted_by(|a, b| a > b), "{ids:?}");
}

#[tokio::test]
async fn a_walk_keeps_to_its_filter() {
    let user = service().new_user().await;
    for n in 0..9 {
        let body = json!({"title": n.to_string(), "completed": n % 3 == 0});
        user.post("/api/v1/tasks", &body).await.expect(201);
    }
    for (filter, expected) in [
        ("completed=false", &["8", "7", "5", "4", "2", "1"][..]),
        ("completed=true", &["6", "3", "0"]),
        ("status=pending", &["8", "7", "5", "4", "2", "1"]),
        ("status=completed&completed=true", &["6", "3", "0"]),
    ] {
        let pages = walk(&user, &format!("/api/v1/tasks?limit=2&{filter}")).await;

        let met: Vec<&Value> = tasks(&pages)
            .into_iter()
            .map(|task| &task["title"])
            .collect();
        assert_eq!(met, expected, "{filter}");
        assert!(
            pages.iter().all(|page| page["total"] == expected.len()),
            "{filter}"
        );
    }
}

#[tokio::test]
async fn newer_tasks_do_not_disturb_a_walk() {
    let user = service().new_user().await;
    for title in ["1", "2", "3", "4"] {
        user.create(title).await;
    }
    let first = user.get("/api/v1/tasks?limit=2").await.expect(200);
    user.create("5").await;
    user.create("6").await;

    let second = user
        .get(&format!("/api/v1/tasks?limit=2&cursor={}", cursor(&first)))
        .await;

    let second = second.expect(200);
    assert_eq!(
        (titles(&first), titles(&second)),
        (vec!["4", "3"], vec!["2", "1"])
    );
    assert_eq!(
        (&second["total"], &second["next_cursor"]),
        (&json!(6), &Value::Null)
    );
}

#[tokio::test]
async fn a_cursor_outlives_the_task_it_stands_on() {
    let user = service().new_user().await;
    for title in ["1", "2", "3", "4"] {
        user.create(title).await;
    }
    let first = user.get("/api/v1/tasks?limit=2").await.expect(200);
    user.delete(&path_of(&first["tasks"][1])).await.expect(204);

    let second = user
        .get(&format!("/api/v1/tasks?cursor={}", cursor(&first)))
        .await
        .expect(200);

    assert_eq!(titles(&second), ["2", "1"]);
}

#[tokio::test]
async fn the_limit_may_change_on_the_way() {
    let user = service().new_user().await;
    for title in ["1", "2", "3", "4"] {
        user.create(title).await;
    }
    let first = user.get("/api/v1/tasks?limit=1").await.expect(200);

    let second = user
        .get(&format!("/api/v1/tasks?limit=3&cursor={}", cursor(&first)))
        .await;

    assert_eq!(titles(&second.expect(200)), ["3", "2", "1"]);
}

#[tokio::test]
async fn a_cursor_is_refused_with_another_filter() {
    let user = service().new_user().await;
    store_at_one_moment(&user, 3).await;
    let of = async |filter: &str| {
        let list = user
            .get(&format!("/api/v1/tasks?limit=1{filter}"))
            .await
            .expect(200);
        cursor(&list).to_owned()
    };
    let (of_all, of_open) = (of("").await, of("&completed=false").await);
    for query in [
        format!("cursor={of_all}&completed=false"),
        format!("cursor={of_all}&status=pending"),
        format!("cursor={of_open}"),
        format!("cursor={of_open}&completed=true"),
        format!("cursor={of_open}&status=pending"),
        format!("cursor={of_open}&completed=false&status=pending"),
    ] {
        let answer = user.get(&format!("/api/v1/tasks?{query}")).await;

        assert_eq!(answer.status(), 400, "{query}: {answer:?}");
        answer.expect_problem(400, "bad-request");
    }
}

#[tokio::test]
async fn a_mangled_cursor_is_refused() {
    let user = service().new_user().await;
    store_at_one_moment(&user, 3).await;
    let list = user.get("/api/v1/tasks?limit=1").await.expect(200);
    let good = cursor(&list);
    let mirrored: String = good.chars().rev().collect();
    for mangled in [
        "",
        "x",
        "0",
        "null",
        &good[1..],
        &good[..good.len() - 1],
        &format!("{good}A"),
        &format!("{good}="),
        &format!("%20{good}"),
        &format!("{good}%00"),
        &mirrored,
        &"A".repeat(good.len()),
        &"_".repeat(good.len()),
        &"A".repeat(10_000),
        "%ff%fe",
        "🦀",
    ] {
        let answer = user.get(&format!("/api/v1/tasks?cursor={mangled}")).await;

        assert_eq!(answer.status(), 400, "{mangled}: {answer:?}");
        answer.expect_problem(400, "bad-request");
    }
}

#[tokio::test]
async fn a_forged_cursor_is_refused() {
    let user = service().new_user().await;
    store_at_one_moment(&user, 3).await;
    for (sort, key) in [
        ("-created_at", json!({"Text": "Buy milk"})),
        ("-created_at", json!({"Day": "2026-12-31"})),
        ("-created_at", json!({"Moment": "-200000-01-01T00:00:00Z"})),
        ("updated_at", json!({"Moment": "+200000-01-01T00:00:00Z"})),
        ("due_date", json!({"Day": "-200000-01-01"})),
        ("due_date", json!({"Moment": "2026-01-01T00:00:00Z"})),
        ("title", json!({"Text": "Nul \0"})),
        ("title", json!({"Text": "t".repeat(201)})),
        ("title", json!({"Day": null})),
    ] {
        let list = user
            .get(&format!("/api/v1/tasks?limit=1&sort={sort}"))
            .await;
        let forged = forge(cursor(&list.expect(200)), "all||||", |position| {
            position["key"] = key.clone();
        });

        let answer = user
            .get(&format!("/api/v1/tasks?sort={sort}&cursor={forged}"))
            .await;

        assert_eq!(answer.status(), 400, "{sort} {key}: {answer:?}");
        answer.expect_problem(400, "bad-request");
    }
}

#[tokio::test]
async fn a_query_that_is_not_understood_is_refused() {
    let user = service().new_user().await;
    store_at_one_moment(&user, 3).await;
    let list = user.get("/api/v1/tasks?limit=1").await.expect(200);
    let both = format!("cursor={}&offset=0", cursor(&list));
    for path in user.families() {
        for query in [
            "page=2",
            "Limit=5",
            "sort=title&sort=title",
            "user_id=somebody-else",
            "limit[]=5",
            "limit=5&limit=5",
            "limit=5&limi%74=6",
            "offset=0&offset=0",
            "completed=true&completed=true",
            "cursor=x&cursor=x",
            &both,
        ] {
            let answer = user.get(&format!("{path}?{query}")).await;

            assert_eq!(answer.status(), 400, "{query}: {answer:?}");
            answer.expect_problem(400, "bad-request");
        }
    }
}

#[tokio::test]
async fn a_parameter_that_breaks_a_rule_is_named() {
    let user = service().new_user().await;
    for (query, pointers) in [
        ("limit=0", &["?limit"][..]),
        ("limit=201", &["?limit"]),
        ("limit=-1", &["?limit"]),
        ("limit=%2B5", &["?limit"]),
        ("limit=+5", &["?limit"]),
        ("limit=5.0", &["?limit"]),
        ("limit=5e0", &["?limit"]),
        ("limit=0x5", &["?limit"]),
        ("limit=5,5", &["?limit"]),
        ("limit=%D9%A5", &["?limit"]),
        ("limit=", &["?limit"]),
        ("limit", &["?limit"]),
        ("limit=all", &["?limit"]),
        ("limit=2147483648", &["?limit"]),
        ("limit=9223372036854775807", &["?limit"]),
        ("limit=18446744073709551617", &["?limit"]),
        ("offset=10001", &["?offset"]),
        ("offset=-1", &["?offset"]),
        ("offset=9223372036854775808", &["?offset"]),
        ("status=done", &["?status"]),
        ("status=Pending", &["?status"]),
        ("status=pending,completed", &["?status"]),
        ("status=", &["?status"]),
        ("status=pending%00", &["?status"]),
        ("completed=1", &["?completed"]),
        ("completed=True", &["?completed"]),
        ("completed=", &["?completed"]),
        (
            "limit=0&offset=x&status=x&completed=x",
            &["?status", "?completed", "?limit", "?offset"],
        ),
    ] {
        let answer = user.get(&format!("/api/v1/tasks?{query}")).await;

        assert_eq!(answer.status(), 422, "{query}: {answer:?}");
        answer.expect_invalid(pointers);
    }
}

#[tokio::test]
async fn a_page_has_the_members_of_the_contract_and_no_others() {
    let user = service().new_user().await;

    let list = user.get("/api/v1/tasks").await.expect(200);

    assert_eq!(members(&list), ["next_cursor", "tasks", "total"]);
}

/// Stores pending tasks that all have one `created_at`.
async fn store_at_one_moment(user: &TestUser, count: i32) {
    let mut client = user.service.connect_as_owner().await;
    let transaction = transaction_of(&mut client, &user.id).await;
    let insert = "insert into tasks (user_id, id, title)
        select $1, gen_random_uuid(), 'Task ' || n
        from generate_series(1, $2) as n";
    let parameters = [(&user.id as _, Type::TEXT), (&count as _, Type::INT4)];
    transaction
        .query_typed(insert, &parameters)
        .await
        .expect("insert");
    transaction.commit().await.expect("commit");
}

/// All pages from `target`, which has a query, to the end.
async fn walk(user: &TestUser, target: &str) -> Vec<Value> {
    let mut pages = vec![user.get(target).await.expect(200)];
    while let Some(cursor) = pages.last().and_then(|page| page["next_cursor"].as_str()) {
        assert!(pages.len() < 100, "the walk does not end");
        let next = user.get(&format!("{target}&cursor={cursor}")).await;
        pages.push(next.expect(200));
    }
    pages
}

fn tasks(pages: &[Value]) -> Vec<&Value> {
    pages
        .iter()
        .filter_map(|page| page["tasks"].as_array())
        .flatten()
        .collect()
}

fn titles(page: &Value) -> Vec<&str> {
    let tasks = page["tasks"].as_array().expect("the tasks are a list");
    tasks
        .iter()
        .filter_map(|task| task["title"].as_str())
        .collect()
}

fn cursor(page: &Value) -> &str {
    page["next_cursor"].as_str().expect("there is a next page")
}
