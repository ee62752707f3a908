//! `GET /api/v1/tasks`: filters, and the members beside the tasks.

use serde_json::{Value, json};
use testing::{TestUser, path_of, service};

/// The titles of a list, first to last.
async fn titles(user: &TestUser, target: &str) -> Vec<String> {
    let list = user.get(target).await.expect(200);
    let tasks = list["tasks"].as_array().expect("a list");
    assert_eq!(list["total"], tasks.len(), "{target}");
    let title = |task: &Value| task["title"].as_str().expect("a title").to_owned();
    tasks.iter().map(title).collect()
}

#[tokio::test]
async fn a_status_may_stand_more_than_once() {
    let user = service().new_user().await;
    for status in ["pending", "in_progress", "completed"] {
        let body = json!({"title": status, "status": status});
        user.post("/api/v1/tasks", &body).await.expect(201);
    }
    for (query, expected) in [
        (
            "status=pending&status=completed",
            &["completed", "pending"][..],
        ),
        ("status=in_progress&status=in_progress", &["in_progress"]),
        (
            "status=pending&status=completed&completed=false",
            &["pending"],
        ),
    ] {
        assert_eq!(
            titles(&user, &format!("/api/v1/tasks?{query}")).await,
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn due_dates_and_what_is_overdue_narrow_the_list() {
    let user = service().new_user().await;
    for (title, due, completed) in [
        ("late", json!("2020-01-01"), false),
        ("late but done", json!("2020-01-02"), true),
        ("far", json!("9999-12-31"), false),
        ("whenever", Value::Null, false),
    ] {
        let body = json!({"title": title, "due_date": due, "completed": completed});
        user.post("/api/v1/tasks", &body).await.expect(201);
    }
    for (query, expected) in [
        ("due_before=2020-01-02", &["late"][..]),
        ("due_after=2020-01-01", &["far", "late but done"]),
        (
            "due_after=2020-01-01&due_before=2020-01-03",
            &["late but done"],
        ),
        ("overdue=true", &["late"]),
        ("overdue=false", &["whenever", "far", "late but done"]),
    ] {
        assert_eq!(
            titles(&user, &format!("/api/v1/tasks?{query}")).await,
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_search_looks_at_titles_and_descriptions_and_knows_no_wildcards() {
    let service = service();
    let (user, stranger) = (service.new_user().await, service.new_user().await);
    for (title, description) in [
        ("Buy MILK", ""),
        ("Bake", "with milk and 100% butter"),
        ("file_name", r"a\b"),
        ("filename", ""),
    ] {
        let body = json!({"title": title, "description": description});
        user.post("/api/v1/tasks", &body).await.expect(201);
    }
    stranger.create("Milk of somebody else").await;
    for (query, expected) in [
        ("q=milk", &["Bake", "Buy MILK"][..]),
        ("q=Milk%20and", &["Bake"]),
        ("q=0%25", &["Bake"]),
        ("q=e_n", &["file_name"]),
        ("q=%5C", &["file_name"]),
        ("q=%25", &["Bake"]),
        ("q='%20or%20true", &[]),
    ] {
        assert_eq!(
            titles(&user, &format!("/api/v1/tasks?{query}")).await,
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_link_leads_to_the_next_page_of_the_same_list() {
    let user = service().new_user().await;
    for title in ["One", "Two", "Three"] {
        user.create(title).await;
    }
    let first = user
        .get("/api/v1/tasks?q=T&completed=false&offset=0&limit=1")
        .await;
    let cursor = first.expect(200)["next_cursor"]
        .as_str()
        .expect("there is more")
        .to_owned();
    let link =
        format!(r#"</api/v1/tasks?q=T&completed=false&limit=1&cursor={cursor}>; rel="next""#);
    assert_eq!(first.header("link"), Some(link.as_str()));

    let target = link
        .trim_start_matches('<')
        .split('>')
        .next()
        .expect("it has an end");
    let last = user.get(target).await;
    assert_eq!(last.expect(200)["tasks"][0]["title"], "Two");
    assert_eq!(
        (&last.json()["next_cursor"], last.header("link")),
        (&Value::Null, None)
    );
}

#[tokio::test]
async fn whoever_does_not_need_the_total_can_go_without() {
    let user = service().new_user().await;
    let task = user.create("Uncounted").await;
    let call = user.call("GET", "/api/v1/tasks");
    let answer = call
        .header("prefer", "respond-async, Count=None")
        .send()
        .await;
    assert_eq!(
        answer.expect(200),
        json!({"tasks": [task], "next_cursor": null})
    );
    assert_eq!(answer.header("preference-applied"), Some("count=none"));
    let other = user
        .call("GET", "/api/v1/tasks")
        .header("prefer", "count=exact");
    assert_eq!(other.send().await.expect(200)["total"], 1);
}

/// The titles of all pages, with a limit of two, first to last.
async fn walk(user: &TestUser, sort: &str) -> Vec<String> {
    let mut target = format!("/api/v1/tasks?limit=2&sort={sort}");
    let mut titles = Vec::new();
    loop {
        let answer = user.get(&target).await;
        let list = answer.expect(200);
        let tasks = list["tasks"].as_array().expect("a list");
        titles.extend(
            tasks
                .iter()
                .map(|task| task["title"].as_str().expect("a title").to_owned()),
        );
        match answer.header("link") {
            Some(link) => {
                let next = link.trim_start_matches('<').split('>').next();
                target = next.expect("it has an end").to_owned();
            }
            None => return titles,
        }
    }
}

#[tokio::test]
async fn every_order_is_kept_from_page_to_page() {
    let user = service().new_user().await;
    let mut tasks = Vec::new();
    for (title, due) in [
        ("cherry", json!("2026-03-01")),
        ("Apple", Value::Null),
        ("banana", json!("2026-01-01")),
        ("apple", json!("2026-03-01")),
        ("Äpfel", Value::Null),
    ] {
        let body = json!({"title": title, "due_date": due});
        tasks.push(user.post("/api/v1/tasks", &body).await.expect(201));
    }
    user.patch(&path_of(&tasks[2]), &json!({"description": "changed last"}))
        .await
        .expect(200);

    for (sort, expected) in [
        (
            "created_at",
            ["cherry", "Apple", "banana", "apple", "Äpfel"],
        ),
        (
            "-created_at",
            ["Äpfel", "apple", "banana", "Apple", "cherry"],
        ),
        (
            "updated_at",
            ["cherry", "Apple", "apple", "Äpfel", "banana"],
        ),
        (
            "-updated_at",
            ["banana", "Äpfel", "apple", "Apple", "cherry"],
        ),
        ("due_date", ["banana", "cherry", "apple", "Apple", "Äpfel"]),
        ("-due_date", ["apple", "cherry", "banana", "Äpfel", "Apple"]),
        ("title", ["Apple", "apple", "banana", "cherry", "Äpfel"]),
        ("-title", ["Äpfel", "cherry", "banana", "apple", "Apple"]),
    ] {
        assert_eq!(walk(&user, sort).await, expected, "{sort}");
    }
}
