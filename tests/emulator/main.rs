//! The functions under AWS's own runtime interface emulator, beside the
//! stand-in for the Runtime API: both have to say the same.

#![cfg(target_os = "linux")]

mod functions;
mod limits;
mod migrations;
mod packages;

use std::path::Path;
use std::time::Duration;

use testing::emulator::Emulator;
use testing::runtime_api::Program;
use testing::tools::runtime_emulator;

/// As in the template, unless a test needs another.
const LIMIT: Duration = Duration::from_secs(15);

/// The emulator for this machine with a program for it.
fn emulate(program: &Path, environment: &[(String, String)], limit: Duration) -> Emulator {
    let emulator = runtime_emulator(host()).expect("the emulator is there");
    let emulator = Program::from(emulator.as_path());
    Emulator::start(&emulator, &program.into(), environment, limit).expect("it starts")
}

/// The machine in Lambda's words.
fn host() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    }
}
