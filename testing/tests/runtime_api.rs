//! Processes that never speak to the Runtime API; those that do are in the
//! workspace's own tests.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::json;
use testing::runtime_api::{Function, InvocationError, Program};

/// Starts a function that is a few lines of shell.
fn function(program: &str) -> Function {
    let environment = [("PROGRAM", program), ("GREETING", "good morning")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Function::start(SHELL.as_path(), &environment).expect("it starts")
}

/// One file for all tests, made before the first of them starts a process: a
/// file that is open for writing somewhere, be it in a fork, cannot be executed.
static SHELL: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shell-function");
    if !path.exists() {
        fs::write(&path, "#!/bin/sh\neval \"$PROGRAM\"\n").expect("a file for a test");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    }
    path
});

#[tokio::test]
async fn the_end_of_the_only_process_fails_the_invocation_with_its_last_words() {
    let function = function("echo \"$GREETING\"; sleep 0.2; echo good bye >&2; exit 1");
    let died = Err(InvocationError::Died("good morning\ngood bye".into()));
    assert_eq!(function.invoke(&json!({})).await, died);
    assert_eq!(function.invoke(&json!({})).await, died);
    assert_eq!(function.log(), ["good morning", "good bye"]);
    assert!(function.process_ids().is_empty());
}

#[tokio::test]
async fn a_function_that_does_not_answer_misses_its_deadline() {
    let function = function("exec sleep 60");
    let limit = Duration::from_millis(100);
    let answer = function.invoke_within(&json!({}), limit).await;
    assert_eq!(answer, Err(InvocationError::TimedOut(limit)));
}

#[tokio::test]
async fn only_the_killed_process_ends() {
    let function = function("exec sleep 60");
    let first = function.process_ids();
    let second = function.add_process().expect("it starts");
    assert_eq!(function.process_ids(), [first[0], second]);
    function.kill(first[0]).expect("it lives");
    assert_eq!(function.process_ids(), [second]);
    assert!(function.kill(first[0]).is_err());
    function.stop(second).expect("it lives");
    assert!(function.process_ids().is_empty());
}

#[tokio::test]
async fn a_function_sees_nothing_of_this_environment() {
    let function = function("env | cut -d= -f1 | sort; sleep 0.1");
    assert!(function.invoke(&json!({})).await.is_err());
    let ours = ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "HOME"];
    let log = function.log();
    assert!(ours.iter().all(|name| !log.iter().any(|line| line == name)));
    assert!(log.iter().any(|line| line == "AWS_LAMBDA_RUNTIME_API"));
}

#[tokio::test]
async fn a_program_runs_with_its_arguments_in_its_directory() {
    let program = Program {
        path: "/bin/sh".into(),
        arguments: ["-c", "pwd; sleep 0.1"].map(str::to_owned).into(),
        directory: Some("/".into()),
    };
    let function = Function::start_program(&program, &[]).expect("it starts");
    assert!(function.invoke(&json!({})).await.is_err());
    assert_eq!(function.log(), ["/"]);
}

#[tokio::test]
async fn a_process_that_ends_without_asking_is_never_ready() {
    let function = function("echo sorry; sleep 0.2");
    let process = function.process_ids()[0];
    let error = function.ready(process).await.expect_err("it ends");
    assert!(error.to_string().ends_with("sorry"), "{error}");
}
