//! The operations on tasks.

use serde_json::{Value, json};
use utoipa::openapi::path::HttpMethod;

use super::answers::Answer;
use super::endpoint::{Endpoint, Section};
use super::headers;
use super::parameters::{
    CHANGES_LIMIT, IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH, OF_LISTS, ONLY_COMPLETED, PREFER,
    SINCE, TODAY,
};
use crate::model::batch::Batch;
use crate::model::task::{NewTask, Task, TaskChanges};
use crate::problem::Kind;
use crate::tasks::{BatchResult, Deleted};
use crate::tasks::{ChangeList, Stats, TaskList};

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        list(),
        create(),
        get(),
        update(),
        replace(),
        delete(),
        toggle(),
        batch(),
        clear_completed(),
        changes(),
        stats(),
    ]
}

const ALL: &str = "/api/v1/tasks";
const ONE: &str = "/api/v1/tasks/{task_id}";

fn endpoint(method: HttpMethod, path: &str, id: &str) -> Endpoint {
    Endpoint::new(Section::Tasks, method, path, id)
}

/// A change of one task.
fn change(method: HttpMethod, path: &str, id: &str) -> Endpoint {
    endpoint(method, path, id).takes(IF_MATCH).writes()
}

fn list() -> Endpoint {
    let list = json!({
        "tasks": [task(), untouched_task()],
        "total": 2,
        "next_cursor": null,
    });
    let answer = Answer::json::<TaskList>("200", "A page of tasks.", list)
        .with(headers::LINK)
        .with(headers::PREFERENCE_APPLIED);
    let endpoint = endpoint(HttpMethod::Get, ALL, "listTasks").says(
        "List tasks",
        "The newest first, unless `sort` says otherwise; what is said together narrows together. Follow `next_cursor`, or `Link`, to the next page. By creation or by due date a deep page costs what the first one does; by title or by change each page sorts all tasks of the user. `total` counts all pages.",
    );
    OF_LISTS
        .into_iter()
        .fold(endpoint, Endpoint::takes)
        .takes(PREFER)
        .answers(answer)
        .refuses([Kind::Invalid])
}

fn create() -> Endpoint {
    endpoint(HttpMethod::Post, ALL, "createTask")
        .says(
            "Create a task",
            "Only the title is required. Send an `Idempotency-Key` to be able to repeat the request when its answer was lost: the task is then created once, and the repetition is answered with the task as it is by then.",
        )
        .takes(IDEMPOTENCY_KEY)
        .body::<NewTask>(&[
            ("title", "Only what is required", json!({"title": "Buy milk"})),
            (
                "whole",
                "Everything",
                json!({
                    "title": "Buy milk",
                    "description": "2 l, oat",
                    "status": "in_progress",
                    "due_date": "2026-12-31",
                }),
            ),
        ])
        .answers(one_task("201", "The new task.").with(headers::LOCATION))
        .answers(
            one_task("200", "The task that this `Idempotency-Key` has created before, as it is now.")
                .with(headers::REPLAYED),
        )
        .refuses([Kind::Gone, Kind::IdempotencyKeyReused])
        .writes()
}

fn get() -> Endpoint {
    endpoint(HttpMethod::Get, ONE, "getTask")
        .says(
            "Read a task",
            "With `If-None-Match`, the task comes only if it is another version than the client has.",
        )
        .takes(IF_NONE_MATCH)
        .answers(one_task("200", "The task."))
        .answers(
            Answer::empty("304", "The client has this version.")
                .with(headers::ETAG)
                .with(headers::CACHE_CONTROL),
        )
}

fn update() -> Endpoint {
    change(HttpMethod::Patch, ONE, "updateTask")
        .says(
            "Change a task",
            "Members that the body does not name stay as they are (RFC 7396). An empty object changes nothing, not even `updated_at`.",
        )
        .body::<TaskChanges>(&[
            ("complete", "Complete it", json!({"completed": true})),
            ("rename", "Another title", json!({"title": "Buy oat milk"})),
            (
                "clear",
                "Neither description nor due date",
                json!({"description": null, "due_date": null}),
            ),
        ])
        .answers(one_task("200", "The task as it is now."))
}

fn replace() -> Endpoint {
    change(HttpMethod::Put, ONE, "replaceTask")
        .says(
            "Replace a task",
            "Members that the body does not name are emptied. A client cannot create a task at an id of its choice.",
        )
        .body::<NewTask>(&[(
            "whole",
            "Everything",
            json!({
                "title": "Buy oat milk",
                "description": "",
                "status": "pending",
                "due_date": null,
            }),
        )])
        .answers(one_task("200", "The task as it is now."))
}

fn delete() -> Endpoint {
    change(HttpMethod::Delete, ONE, "deleteTask")
        .says("Delete a task", "It is gone for good.")
        .answers(Answer::empty("204", "The task is deleted."))
}

fn toggle() -> Endpoint {
    change(
        HttpMethod::Post,
        "/api/v1/tasks/{task_id}/toggle",
        "toggleTask",
    )
    .says(
        "Complete or reopen a task",
        "An open task becomes completed, a completed one pending. Toggling twice is not the same as once, so send `If-Match` to be able to repeat the request.",
    )
    .answers(one_task("200", "The task as it is now."))
}

fn batch() -> Endpoint {
    let outcomes = json!({"results": [
        {"op": "create", "task": untouched_task()},
        {"op": "update", "task": task()},
        {"op": "delete", "id": DELETED_ID},
    ]});
    endpoint(HttpMethod::Post, "/api/v1/tasks/batch", "batchTasks")
        .says(
            "Change many tasks at once",
            "All operations are done in their order in one transaction, or none is: then `errors` points to the one that failed, such as `/operations/3/id`. A task that a batch deletes cannot be changed before in the same batch.",
        )
        .body::<Batch>(&[
            (
                "mixed",
                "One of each",
                json!({"operations": [
                    {"op": "create", "task": {"title": "Call Grace"}},
                    {"op": "update", "id": ID, "version": 1, "changes": {"status": "in_progress"}},
                    {"op": "toggle", "id": ID},
                    {"op": "delete", "id": DELETED_ID},
                ]}),
            ),
            (
                "create",
                "Several new tasks",
                json!({"operations": [
                    {"op": "create", "task": {"title": "Call Grace"}},
                    {"op": "create", "task": {"title": "Buy milk", "due_date": "2026-12-31"}},
                ]}),
            ),
        ])
        .answers(Answer::json::<BatchResult>(
            "200",
            "The result of each operation, in the order of the request.",
            outcomes,
        ))
        .refuses([Kind::NotFound, Kind::PreconditionFailed])
        .writes()
}

fn clear_completed() -> Endpoint {
    endpoint(HttpMethod::Delete, ALL, "clearCompletedTasks")
        .says(
            "Delete all completed tasks",
            "They are gone for good. A request deletes 10000 at most, the oldest first: send it again while `deleted` is 10000.",
        )
        .takes(ONLY_COMPLETED)
        .answers(Answer::json::<Deleted>(
            "200",
            "How many tasks were deleted.",
            json!({"deleted": 3}),
        ))
        .writes()
}

fn changes() -> Endpoint {
    let changes = json!({
        "tasks": [task()],
        "deleted": [{"id": "019365bf-1f02-7d10-9a41-6c5d0e8b7f21", "deleted_at": "2026-11-21T08:03:11.902733Z"}],
        "next_since": "kJ8vQ2xYzLmN4pRsTuVw",
        "has_more": false,
    });
    endpoint(HttpMethod::Get, "/api/v1/tasks/changes", "listTaskChanges")
        .says(
            "Follow changes",
            "For clients that keep a copy: nothing that was committed is ever missed, and a change may come twice. Begin without `since`, and send each `next_since` the next time; a client that shows lists begins with `since=now`, before it reads the first one. Deletions are remembered for 30 days: on 410 begin anew.",
        )
        .takes(SINCE)
        .takes(CHANGES_LIMIT)
        .answers(Answer::json::<ChangeList>("200", "The changes.", changes))
        .refuses([Kind::Invalid, Kind::Gone])
}

fn stats() -> Endpoint {
    endpoint(HttpMethod::Get, "/api/v1/tasks/stats", "getTaskStats")
        .says("Count tasks", "All of them, by status and by due date.")
        .takes(TODAY)
        .answers(Answer::json::<Stats>(
            "200",
            "How many tasks there are.",
            json!({
                "total": 9,
                "pending": 4,
                "in_progress": 2,
                "completed": 3,
                "overdue": 1,
                "due_today": 2,
                "upcoming": 1,
            }),
        ))
        .refuses([Kind::Invalid])
}

const ID: &str = "019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70";
const DELETED_ID: &str = "019365be-5d3a-7e02-8f19-3b7c6d2e1a40";

fn one_task(status: &'static str, description: &'static str) -> Answer {
    Answer::json::<Task>(status, description, task()).with(headers::ETAG)
}

pub(super) fn task() -> Value {
    json!({
        "id": ID,
        "user_id": "5f0c6e8d3b7a4c1f9e2d8a6b4c3d2e1f",
        "title": "Buy milk",
        "description": "2 l, oat",
        "status": "in_progress",
        "completed": false,
        "due_date": "2026-12-31",
        "created_at": "2026-11-21T07:19:13.580341Z",
        "updated_at": "2026-11-21T08:02:40.113207Z",
        "version": 3,
    })
}

fn untouched_task() -> Value {
    json!({
        "id": "019365bf-1f02-7d10-9a41-6c5d0e8b7f21",
        "user_id": "5f0c6e8d3b7a4c1f9e2d8a6b4c3d2e1f",
        "title": "Call Grace",
        "description": "",
        "status": "pending",
        "completed": false,
        "due_date": null,
        "created_at": "2026-11-21T07:17:43.042118Z",
        "updated_at": null,
        "version": 1,
    })
}
