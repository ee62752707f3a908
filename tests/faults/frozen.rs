//! A frozen pooler, or a frozen function: Lambda freezes functions between
//! requests.

use std::sync::Arc;
use std::time::Duration;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::{Call, Service, path_of};

/// The time until the deadline of a request.
const LEFT: Duration = Duration::from_secs(2);

/// Sends a request shortly before its deadline, and returns the status and the problem.
async fn hurried(service: &Service, call: Call<'_>) -> (Value, String) {
    let (event, function) = call.event();
    let function = service.function(&function);
    let answer = function.invoke_within(&event, LEFT).await;
    let answer = answer.expect("it answers in time");
    let body = answer["body"].as_str().unwrap_or_default();
    let problem: Value = serde_json::from_str(body).unwrap_or_default();
    let kind = problem["type"].as_str().unwrap_or_default().to_owned();
    (answer["statusCode"].clone(), kind)
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_503_and_says_what_is_known() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let task = user.create("Kept").await;
    let path = path_of(&task);
    let toggle = format!("{path}/toggle");
    // Now every function has a connection.
    user.get(&path).await.expect(200);
    user.patch(&path, &json!({})).await.expect(200);
    user.call("POST", &toggle).send().await.expect(200);

    service.stack.pooler().pause().expect("it runs");
    let read = hurried(&service, user.call("GET", &path)).await;
    let named = user.call("PATCH", &path).json(&json!({"title": "Late"}));
    let changed = hurried(&service, named).await;
    let toggled = hurried(&service, user.call("POST", &toggle)).await;
    service.stack.pooler().resume().expect("it was paused");

    assert_eq!(read, (json!(503), "/problems/unavailable".into()));
    for answer in [changed, toggled] {
        assert_eq!(answer, (json!(503), "/problems/outcome-unknown".into()));
    }
    // The changes may still be made, once each.
    let now = user.get(&path).await.expect(200);
    let version = now["version"].as_i64().expect("a number");
    assert!((2..=4).contains(&version), "{now}");
    user.create("The next").await;
}

#[tokio::test]
async fn a_function_that_was_frozen_while_its_connection_ended_opens_another() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = service.new_user().await;
    let task = user.create("Kept").await;
    let toggle = format!("{}/toggle", path_of(&task));
    user.call("POST", &toggle).send().await.expect(200);
    for version in 3..6 {
        let function = service.function("toggle-task");
        let [process] = function.process_ids()[..] else {
            panic!("there is one environment");
        };
        function.pause(process).expect("it runs");
        service.stack.pooler().stop().expect("it ran");
        service.stack.pooler().start().expect("it starts again");
        function.resume(process).expect("it was paused");

        let toggled = user.call("POST", &toggle).send().await.expect(200);
        assert_eq!(toggled["version"], version);
        assert_eq!(function.process_ids(), [process]);
    }
}

#[tokio::test]
async fn a_function_that_is_frozen_within_a_request_ends_it_when_it_thaws() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    let user = Arc::new(service.new_user().await);
    let task = user.create("Kept").await;
    let owner = service.connect_as_owner().await;
    let function = service.function("update-task");
    user.patch(&path_of(&task), &json!({})).await.expect(200);
    let [process] = function.process_ids()[..] else {
        panic!("there is one environment");
    };

    let lock = "begin; lock table tasks in share mode";
    owner.batch_execute(lock).await.expect("it may");
    let request = {
        let (user, path) = (user.clone(), path_of(&task));
        tokio::spawn(async move { user.patch(&path, &json!({"title": "Changed"})).await })
    };
    crate::backends::until_waiting(&service).await;
    function.pause(process).expect("it runs");
    // The transaction ends without the frozen function.
    owner.batch_execute("commit").await.expect("commit");
    testing::until(async || user.stored().await[0]["title"] == "Changed").await;
    function.resume(process).expect("it was paused");

    let changed = request.await.expect("it was answered").expect(200);
    assert_eq!(changed["version"], 2);
}
