//! A real Chromium in front of the service: `tests/browser`.

use std::process::{Command, Stdio};
use std::sync::Arc;

use local::places;

use super::{Service, tools};

/// Plays a file of `tests/browser/scenarios` against the service.
#[track_caller]
pub fn play(service: &Arc<Service>, scenario: &str) {
    let gateway = service.listen();
    let mails = service.mails();
    let mails = mails.to_str().expect("the path is UTF-8");
    play_at(&gateway.origin(), scenario, &[("MAILS", mails)]);
}

/// Plays a file of `tests/browser/scenarios` against what serves at `origin`.
#[track_caller]
pub fn play_at(origin: &str, scenario: &str, variables: &[(&str, &str)]) {
    let node = tools::node().expect("Node.js is there");
    let chromium = tools::chromium().expect("Chromium is there");
    let project = places::workspace().join("tests/browser");
    tools::node_modules(&project).expect("the packages are there");

    let mut process = Command::new(node)
        .args(["play.mjs", scenario])
        .current_dir(project)
        .env("CHROMIUM", chromium)
        .env("ORIGIN", origin)
        .envs(variables.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node can be started");
    // The scenario ends with its standard input, even after `kill -9`.
    let _stdin = process.stdin.take();
    let output = process.wait_with_output().expect("it ends");
    assert!(
        output.status.success(),
        "{scenario}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
