//! Each function, asked the same under the emulator and under the stand-in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};
use testing::emulator::Emulator;
use testing::{
    Answer, Call, Service, TestUser, binary, new_email, path_of, refresh_token_of, service,
};

use crate::{LIMIT, emulate};

/// An answer without the parts that are new in each: ids, times, tokens.
type Shape = (u16, BTreeSet<String>, Value);

fn shape(answer: &Value) -> Shape {
    let answer = Answer::read(answer).expect("it is a response");
    let headers = answer.headers().into_keys().map(str::to_owned).collect();
    let text = answer.text();
    let body = serde_json::from_str(&text).map(|body| skeleton(&body));
    let body = body.unwrap_or_else(|_| json!(text.len()));
    (answer.status(), headers, body)
}

/// The names of all members, and the values that say something.
fn skeleton(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let told = [
                "title", "status", "type", "name", "detail", "op", "deleted", "pending",
            ];
            let member = |(name, value): (&String, &Value)| {
                let value = match told.contains(&name.as_str()) {
                    true => value.clone(),
                    false => skeleton(value),
                };
                (name.clone(), value)
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(items) => items.iter().map(skeleton).collect(),
        Value::Null => Value::Null,
        _ => json!("…"),
    }
}

/// One request to each function, each with a user, a task and a session of its
/// own, because the same is asked twice.
pub async fn call_of<'s>(service: &'s Arc<Service>, function: &str) -> Call<'s> {
    let user = service.new_user().await;
    let task = user.create("Golden").await;
    let path = path_of(&task);
    let (method, target, body) = match function {
        "list-tasks" => ("GET", "/api/v1/tasks?limit=1".to_owned(), None),
        "create-task" => (
            "POST",
            "/api/v1/tasks".to_owned(),
            Some(json!({"title": "Golden"})),
        ),
        "clear-completed" => ("DELETE", "/api/v1/tasks?completed=true".to_owned(), None),
        "batch-tasks" => {
            let create = json!({"op": "create", "task": {"title": "Golden"}});
            let body = json!({"operations": [create]});
            ("POST", "/api/v1/tasks/batch".to_owned(), Some(body))
        }
        "list-changes" => ("GET", "/api/v1/tasks/changes".to_owned(), None),
        "get-stats" => ("GET", "/api/v1/tasks/stats".to_owned(), None),
        "get-task" => ("GET", path, None),
        "update-task" => ("PATCH", path, Some(json!({"title": "Silver"}))),
        "toggle-task" => ("POST", format!("{path}/toggle"), None),
        "delete-task" => ("DELETE", path, None),
        "register" => (
            "POST",
            "/api/v1/auth/register".to_owned(),
            Some(account(&user)),
        ),
        "login" => {
            let body = json!({"email": user.email, "password": user.password});
            ("POST", "/api/v1/auth/login".to_owned(), Some(body))
        }
        "refresh" | "logout" => {
            let token = user.try_password(&user.password).await.expect(200);
            let body = json!({"refresh_token": refresh_token_of(&token)});
            ("POST", format!("/api/v1/auth/{function}"), Some(body))
        }
        "reset-password" => {
            let body = json!({"email": user.email});
            (
                "POST",
                "/api/v1/auth/forgot-password".to_owned(),
                Some(body),
            )
        }
        "get-me" => ("GET", "/api/v1/me".to_owned(), None),
        "update-me" => (
            "PATCH",
            "/api/v1/me".to_owned(),
            Some(json!({"name": "Ann"})),
        ),
        "delete-me" => {
            let body = json!({"password": user.password});
            ("DELETE", "/api/v1/me".to_owned(), Some(body))
        }
        "export-me" => ("GET", "/api/v1/me/export".to_owned(), None),
        "jwks" => ("GET", "/.well-known/jwks.json".to_owned(), None),
        "health" => ("GET", "/health/ready".to_owned(), None),
        "web" => ("GET", "/".to_owned(), None),
        "docs" => ("GET", "/openapi.json".to_owned(), None),
        _ => panic!("say what {function} is asked"),
    };
    let call = service.call(method, &target).token(&user.token);
    match body {
        Some(body) => call.json(&body),
        None => call,
    }
}

fn account(user: &TestUser) -> Value {
    json!({"name": "Ann", "email": new_email(), "password": user.password})
}

/// Asks a good question and two bad ones, under the emulator and the stand-in.
pub async fn compare(service: &Arc<Service>, function: &str, emulator: &Emulator) {
    let stand_in = service.function(function);
    let mut differences = BTreeMap::new();
    for question in ["good", "without a token", "without JSON"] {
        let mut answers = Vec::new();
        for emulated in [true, false] {
            let (mut event, _) = call_of(service, function).await.event();
            match question {
                "without a token" => drop(
                    event["headers"]
                        .as_object_mut()
                        .map(|it| it.remove("authorization")),
                ),
                "without JSON" => event["body"] = json!("{"),
                _ => {}
            }
            let answer = match emulated {
                true => emulator.invoke(&event).await,
                false => stand_in.invoke(&event).await,
            };
            let answer = answer.unwrap_or_else(|error| {
                panic!(
                    "{function}, {question}: {error}\n{}",
                    emulator.log().join("\n")
                )
            });
            answers.push(shape(&answer));
        }
        if answers[0] != answers[1] {
            differences.insert(question, answers);
        }
    }
    assert!(differences.is_empty(), "{function}: {differences:#?}");
}

#[tokio::test]
async fn every_function_answers_the_same_as_under_the_stand_in() {
    let service = service();
    let routes = service.routes().iter();
    let functions: BTreeSet<String> = routes.map(|route| route.function.clone()).collect();
    for function in functions {
        let emulator = emulate(&binary(&function), service.environment(), LIMIT);
        compare(&service, &function, &emulator).await;
    }
}

/// With members that our stand-in for API Gateway does not send.
#[tokio::test]
async fn the_golden_event_of_the_sam_cli_creates_a_task() {
    let service = service();
    let user = service.new_user().await;
    let golden = include_str!("../api/events/http-api-proxy.json");
    let mut event: Value = serde_json::from_str(golden).expect("it is JSON");
    event["headers"]["authorization"] = json!(format!("Bearer {}", user.token));
    event["headers"]["content-type"] = json!("application/json");
    let emulator = emulate(&binary("create-task"), service.environment(), LIMIT);

    let emulated = emulator.invoke(&event).await.expect("it answers");
    let stand_in = service.function("create-task").invoke(&event).await;

    assert_eq!(shape(&emulated), shape(&stand_in.expect("it answers")));
    assert_eq!(shape(&emulated).0, 201);
    assert_eq!(service.stored_tasks_of(&user.id).await.len(), 2);
}
