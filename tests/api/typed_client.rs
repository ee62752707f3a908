//! The typed client of docs/api.md, made and run with its commands.

use std::path::PathBuf;
use std::process::Command;
use testing::service;
use testing::tools;

const API: &str = include_str!("../../docs/api.md");

const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/client");

#[tokio::test]
async fn the_documented_client_compiles_and_works() {
    let gateway = service().listen();
    tools::node_modules(PROJECT.as_ref()).expect("the packages are here");

    for command in commands() {
        sh(&command, &gateway.origin());
    }
    sh("npx tsc && node build/main.js $api", &gateway.origin());
}

/// The lines of the section that begin with `npx`.
fn commands() -> Vec<String> {
    let (_, section) = API
        .split_once("## A typed client\n")
        .expect("there is the section");
    let (section, _) = section.split_once("\n## ").expect("another one follows");
    let commands = section.lines().filter(|line| line.starts_with("npx "));
    let commands: Vec<String> = commands.map(str::to_owned).collect();
    assert_eq!(commands.len(), 2, "{commands:?}");
    commands
}

fn sh(command: &str, api: &str) {
    let node = tools::node().expect("Node.js is here");
    let directories = std::env::var_os("PATH").unwrap_or_default();
    let path = node.parent().map(PathBuf::from).into_iter();
    let path = std::env::join_paths(path.chain(std::env::split_paths(&directories)));
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(PROJECT)
        .env("PATH", path.expect("they come from PATH"))
        .env("api", api)
        .output()
        .expect("there is a shell");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    println!("{text}");
    assert!(output.status.success(), "{command}\n{text}{errors}");
}
