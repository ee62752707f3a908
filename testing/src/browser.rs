//! A real Chromium in front of the service: `tests/browser`.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Service, tools};

const PROJECT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/browser");

/// One browser at a time has the processor that its scenario counts on.
static TURN: Mutex<()> = Mutex::new(());

/// Plays a file of `tests/browser/scenarios` against the service.
#[track_caller]
pub fn play(service: &Arc<Service>, scenario: &str) {
    let node = tools::node().expect("Node.js is there");
    let chromium = tools::chromium().expect("Chromium is there");
    tools::node_modules(Path::new(PROJECT)).expect("the packages are there");
    let gateway = service.listen();
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut process = Command::new(node)
        .args(["play.mjs", scenario])
        .current_dir(PROJECT)
        .env("CHROMIUM", chromium)
        .env("ORIGIN", gateway.origin())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node can be started");
    // Its end is how the scenario learns that this process is gone.
    let _line = process.stdin.take();
    let output = process.wait_with_output().expect("it ends");
    assert!(
        output.status.success(),
        "{scenario}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
