//! Behaviour that no function of ours has, played by a few lines of Python; and
//! the largest answers that one of ours can give.

use std::mem::discriminant;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use testing::emulator::Emulator;
use testing::runtime_api::{Function, InvocationError};
use testing::{Answer, binary, service, until};

use crate::{LIMIT, emulate};

/// The largest answer of a synchronous invocation: 6 MB and a margin of Lambda's own.
const MOST_BYTES: usize = 6_291_556;

fn strange() -> &'static Path {
    Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/emulator/strange.py"
    ))
}

fn both(environment: &[(&str, &str)], limit: Duration) -> (Emulator, Function) {
    let environment: Vec<(String, String)> = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let stand_in = Function::start(strange(), &environment).expect("it starts");
    (emulate(strange(), &environment, limit), stand_in)
}

#[tokio::test]
async fn an_answer_and_a_failure_arrive_as_they_are() {
    let (emulator, stand_in) = both(&[], LIMIT);
    for event in [
        json!({}),
        json!({"name": "Zoë \u{1} \"quoted\""}),
        json!({"fail": "why"}),
    ] {
        let emulated = emulator.invoke(&event).await;
        assert_eq!(emulated, stand_in.invoke(&event).await, "{event}");
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_a_failure() {
    let (emulator, stand_in) = both(&[], LIMIT);
    for (bytes, fits) in [(MOST_BYTES, true), (MOST_BYTES + 1, false)] {
        let event = json!({"bytes": bytes});
        let emulated = emulator.invoke(&event).await;
        assert_eq!(emulated.is_ok(), fits, "{bytes}");
        assert_eq!(emulated, stand_in.invoke(&event).await, "{bytes}");
    }
}

#[tokio::test]
async fn a_function_that_takes_too_long_misses_its_time_and_the_next_one_does_not() {
    let limit = Duration::from_secs(1);
    let (emulator, stand_in) = both(&[], limit);
    let event = json!({"sleep": 1.5});

    let emulated = emulator.invoke(&event).await;

    assert_eq!(emulated, Err(InvocationError::TimedOut(limit)));
    assert_eq!(emulated, stand_in.invoke_within(&event, limit).await);
    for next in [
        emulator.invoke(&json!({})).await,
        stand_in.invoke(&json!({})).await,
    ] {
        assert!(next.is_ok(), "{next:?}");
    }
}

#[tokio::test]
async fn a_function_that_dies_or_cannot_start_fails_the_invocation() {
    for (environment, event) in [
        (vec![], json!({"exit": 3})),
        (vec![("FAIL_INIT", "1")], json!({})),
    ] {
        let (emulator, stand_in) = both(&environment, LIMIT);
        let emulated = emulator.invoke(&event).await.expect_err("it died");
        let stood_in = stand_in.invoke(&event).await.expect_err("it died");
        assert_eq!(discriminant(&emulated), discriminant(&stood_in));
        assert!(matches!(emulated, InvocationError::Died(_)), "{emulated:?}");
    }
}

/// A variable that is bad ends the init phase with its sentence in the log.
#[tokio::test]
async fn a_function_with_a_bad_variable_fails_with_its_sentence_in_the_log() {
    let mut environment = service().environment().to_vec();
    // LOG_LEVEL is read by the emulator as well.
    environment.push(("SERVER_TIMING".into(), "hunter2".into()));
    let emulator = emulate(&binary("health"), &environment, LIMIT);

    let answer = emulator.invoke(&json!({})).await;

    assert!(
        matches!(answer, Err(InvocationError::Died(_))),
        "{answer:?}"
    );
    let log = || emulator.log().join("\n");
    until(async || log().contains("SERVER_TIMING must be on or off.")).await;
    assert!(!log().contains("hunter2"), "{}", log());
}

/// A control character takes most room: seven bytes of an answer, since its
/// body is JSON in JSON.
#[tokio::test]
async fn the_largest_page_of_changes_is_not_too_large() {
    let service = service();
    let user = service.new_user().await;
    let (title, description) = ("x\u{1}".repeat(100), "\u{1}".repeat(1000));
    let create = json!({"op": "create", "task": {"title": title, "description": description}});
    // A body has 256 KiB, in which such a task has 7 KB.
    let body = json!({"operations": vec![create; 25]});
    for _ in 0..20 {
        user.post("/api/v1/tasks/batch", &body).await.expect(200);
    }
    let emulator = emulate(&binary("list-changes"), service.environment(), LIMIT);
    let call = service
        .get("/api/v1/tasks/changes?limit=500")
        .token(&user.token);

    let answer = emulator.invoke(&call.event().0).await;

    let answer: Value = answer.expect("it answers");
    let length = answer.to_string().len();
    let answer = Answer::read(&answer).expect("it is a response");
    assert_eq!(answer.status(), 200);
    let body = answer.json();
    assert_eq!(body["tasks"].as_array().map(Vec::len), Some(500));
    assert!((4_000_000..MOST_BYTES).contains(&length), "{length}");
}
