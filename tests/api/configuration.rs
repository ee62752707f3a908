//! Missing and bad variables end the start with one sentence.

use std::process::{Command, Output};

use serde_json::Value;
use testing::{binary, service};

/// Starts a function as Lambda would, with one variable changed.
fn start(function: &str, name: &str, value: Option<&str>) -> Output {
    let service = service();
    let mut command = Command::new(binary(function));
    command
        .env_clear()
        .envs(service.environment().iter().cloned());
    match value {
        Some(value) => command.env(name, value),
        None => command.env_remove(name),
    };
    // No server listens there, so that a start that goes on ends, too.
    command
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
        .output()
        .expect("the binary is there")
}

#[track_caller]
fn assert_refused(function: &str, name: &str, value: Option<&str>) {
    let output = start(function, name, value);
    assert!(
        !output.status.success(),
        "{function} started with {name}={value:?}"
    );
    let text = String::from_utf8(output.stdout).expect("the log is UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1, "{text}");
    let line: Value = serde_json::from_str(lines[0]).expect("a line is JSON");
    assert_eq!(line["level"], "ERROR");
    let message = line["message"].as_str().unwrap_or_default();
    assert!(message.starts_with(&format!("{name} ")), "{message}");
    assert!(message.ends_with('.'), "{message}");
    if let Some(value) = value {
        assert!(
            !text.contains("hunter2") || !value.contains("hunter2"),
            "{text}"
        );
    }
}

#[test]
fn a_missing_variable_ends_the_start_and_is_named() {
    for name in ["DATABASE_URL", "TOKEN_ISSUER"] {
        assert_refused("get-task", name, None);
        assert_refused("get-task", name, Some("  "));
    }
    for function in ["register", "login"] {
        assert_refused(function, "AUTH_SECRET", None);
    }
}

#[test]
fn a_bad_value_ends_the_start_and_is_never_shown() {
    for (name, value) in [
        ("DATABASE_URL", "hunter2"),
        (
            "DATABASE_URL",
            "postgres://login:hunter2@db.example.com/todo?sslmode=disable",
        ),
        (
            "DATABASE_URL",
            "postgres://login:hunter2@127.0.0.1/todo?sslmode=disable",
        ),
        ("DATABASE_TLS", "hunter2"),
        ("TOKEN_ISSUER", "hunter2 and more"),
        ("AUTH_URL", "http://hunter2.example.com"),
        ("LOG_LEVEL", "hunter2"),
        ("SERVER_TIMING", "hunter2"),
        ("PROXY_SECRET_HASH", "hunter2"),
        ("REGISTRATION", "hunter2"),
        ("SSL_CERT_FILE", "/hunter2.pem"),
    ] {
        assert_refused("get-task", name, Some(value));
    }
    assert_refused("login", "AUTH_SECRET", Some("hunter2"));
}

#[test]
fn functions_that_do_not_sign_need_no_secret() {
    let output = start("get-task", "AUTH_SECRET", None);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("AUTH_SECRET"), "{text}");
}
