//! The OpenAPI document and the service: Schemathesis, a validator, and all
//! examples of requests.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use local::stack::StackOptions;
use serde_json::{Value, json};
use testing::tools;
use testing::{Service, TestUser, id_of, new_email, service};
use uuid::Uuid;

/// The files of these tests.
const DIRECTORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract");

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

/// The number of random requests to each operation. A variable raises it, and
/// then the requests differ from run to run.
const CASES_VARIABLE: &str = "CONTRACT_CASES";
const CASES: &str = "4";

/// The values in the document's examples.
const EXAMPLE_EMAIL: &str = "ada@example.com";
const EXAMPLE_PASSWORD: &str = "correct horse battery";
const EXAMPLE_TASK: &str = "019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70";
const EXAMPLE_DELETED_TASK: &str = "019365be-5d3a-7e02-8f19-3b7c6d2e1a40";
const EXAMPLE_REFRESH_TOKEN: &str = "mZ0n3cQvX1yq8mE5o2vS7b9kR4tJ6wL0aH1dFgUiPxY";

/// Makes the first refresh token of each user the token of a link as well.
const RESETS: &str = r#"
    insert into password_resets (user_id, token_hash, expires_at)
    select user_id, todo.bind_reset(token_hash, password), now() + interval '30 minutes'
    from auth_refresh
    join account on "userId" = user_id"#;

#[tokio::test]
async fn schemathesis_finds_nothing() {
    // A service of its own: the failed sign-ins would throttle other tests.
    let service = Arc::new(Service::start(&StackOptions::default()));
    let gateway = service.listen();
    let user = service.new_user().await;
    // The user of the examples, for sign-ins that succeed.
    let account = json!({"name": "Ada", "email": EXAMPLE_EMAIL, "password": EXAMPLE_PASSWORD});
    let register = service.post("/api/v1/auth/register").json(&account);
    register.send().await.expect(201);
    // Not Ada, to whom the example of a request sends another link.
    let forgetful = service.new_user().await;
    let owner = service.connect_as_owner().await;
    owner.batch_execute(RESETS).await.expect("the owner may");

    let mut schemathesis = schemathesis(&gateway.origin(), &user, &forgetful.refresh_token);
    match env::var(CASES_VARIABLE) {
        Ok(cases) => schemathesis.args(["--max-examples", &cases]),
        Err(_) => schemathesis.args(["--max-examples", CASES, "--generation-deterministic"]),
    };
    run(schemathesis);

    // An operation that always fails is not tested. Schemathesis does not know
    // the user's password, which would delete the user.
    let succeeded = succeeded(&service);
    let routes = service.routes().iter().map(|route| route.key());
    let missed: Vec<String> = routes.filter(|key| !succeeded.contains(key)).collect();
    assert_eq!(missed, ["DELETE /api/v1/me"], "these never went well");
}

/// Schemathesis, which sends requests to the service at `origin` as `user`. The
/// last is the token of a link in a mail.
pub fn schemathesis(origin: &str, user: &TestUser, reset_token: &str) -> Command {
    let mut schemathesis = tool("schemathesis");
    schemathesis
        .arg("--config-file")
        .arg(Path::new(DIRECTORY).join("schemathesis.toml"))
        .arg("run")
        .arg(DOCUMENT)
        .args(["--url", origin])
        // Two workers sometimes fail at a cache that Hypothesis shares.
        .args(["--checks", "all", "--workers", "1"])
        .env("TODO_USER_ID", &user.id)
        .env("TODO_TOKEN", &user.token)
        .env("TODO_REFRESH_TOKEN", &user.refresh_token)
        .env("TODO_RESET_TOKEN", reset_token)
        .env("EXAMPLE_REFRESH_TOKEN", EXAMPLE_REFRESH_TOKEN);
    schemathesis
}

/// The routes with a successful request in the log.
fn succeeded(service: &Service) -> BTreeSet<String> {
    let lines = service.log().into_iter();
    lines
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .filter(|line| line["status"].as_u64().is_some_and(|status| status < 400))
        .filter_map(|line| {
            let (method, route) = (line["method"].as_str()?, line["route"].as_str()?);
            Some(format!("{method} {route}"))
        })
        .collect()
}

#[test]
fn the_document_is_valid() {
    let mut validator = tool("openapi-spec-validator");
    validator.arg(DOCUMENT);
    run(validator);
}

#[test]
fn redocly_and_spectral_find_nothing() {
    tools::node_modules(DIRECTORY.as_ref()).expect("the packages are here");
    let redocly = ["redocly", "lint", "--config", "redocly.yaml"];
    let spectral = ["spectral", "lint", "--ruleset", "spectral.yaml"];
    run(linter(&redocly));
    run(linter(
        &[&spectral[..], &["--fail-severity", "hint"]].concat(),
    ));
}

/// A program of Node.js's pinned packages, with the document.
fn linter(command: &[&str]) -> Command {
    let program = format!("node_modules/.bin/{}", command[0]);
    let mut linter = Command::new(tools::node().expect("Node.js is here"));
    linter
        .arg(program)
        .args(&command[1..])
        .arg("../../openapi.json")
        .current_dir(DIRECTORY)
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    linter
}

#[test]
fn every_example_fits_its_schema() {
    let mut python = tool("python");
    python.arg(Path::new(DIRECTORY).join("examples.py"));
    python.arg(DOCUMENT);
    run(python);
}

#[tokio::test]
async fn every_example_of_a_request_is_accepted() {
    let document: Value =
        serde_json::from_str(include_str!("../../openapi.json")).expect("it is JSON");
    let mut count = 0;
    for (path, item) in document["paths"].as_object().expect("there are paths") {
        for (method, operation) in item.as_object().expect("a path has operations") {
            let content = &operation["requestBody"]["content"]["application/json"];
            for (name, example) in content["examples"].as_object().into_iter().flatten() {
                let target = format!("{} {path}", method.to_uppercase());
                send_example(&target, &example["value"])
                    .await
                    .unwrap_or_else(|answer| panic!("{target}, {name}: {answer}"));
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count} examples");
}

/// Sends an example as a new user with the password, the tasks and the refresh
/// token of the example.
async fn send_example(target: &str, example: &Value) -> Result<(), String> {
    let user = ada().await;
    let task = user.create("Buy milk").await;
    let deleted = user.create("Buy oil").await;
    user.run(&format!("{RESETS} where user_id = $1")).await;
    let email = match target.ends_with("register") {
        true => new_email(),
        false => user.email.clone(),
    };
    let body = example
        .to_string()
        .replace(EXAMPLE_EMAIL, &email)
        .replace(EXAMPLE_TASK, id_of(&task))
        .replace(EXAMPLE_DELETED_TASK, id_of(&deleted))
        .replace(EXAMPLE_REFRESH_TOKEN, &user.refresh_token);
    let target = target
        .replace("{user_id}", &user.id)
        .replace("{task_id}", id_of(&task));
    let (method, path) = target.split_once(' ').expect("a method and a path");
    let call = user.call(method, path);
    let answer = call.raw("application/json", body.as_bytes()).send().await;
    match answer.status() {
        200..300 => Ok(()),
        _ => Err(format!("{answer:?}")),
    }
}

/// A new user with the password of the examples.
async fn ada() -> TestUser {
    TestUser::register_with_password(&service(), EXAMPLE_PASSWORD).await
}

/// A program of the pinned tools, in an empty directory: Schemathesis keeps its
/// findings in the working directory, and would begin with old ones.
fn tool(name: &str) -> Command {
    let programs = tools::schemathesis().expect("the tools are here");
    let mut command = Command::new(programs.join(name));
    command
        .current_dir(new_directory())
        .env("PYTHONPATH", DIRECTORY)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Runs a program that has to succeed.
pub fn run(mut command: Command) {
    let output = command.output().expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    println!("{text}");
    assert!(output.status.success(), "{text}{errors}");
}

fn new_directory() -> PathBuf {
    let name = format!("contract-{}", Uuid::new_v4());
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&directory).expect("the directory around it is Cargo's");
    directory
}
