//! Brings the database up to date: tables, roles, grants. From a shell, or
//! for CloudFormation when a deployment runs it.

use std::process::ExitCode;

use shared::migrate::{MigrateError, Serving};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if shared::migrate::is_deployed() {
        return shared::migrate::serve().await;
    }
    let serving = match std::env::args().nth(1).as_deref() {
        Some("--check-variables") => return conclude(shared::migrate::check_variables()),
        // Nothing serves on a developer's machine but what is started afterwards.
        Some("--contract") => Serving::Nothing,
        _ => Serving::Unknown,
    };
    conclude(shared::migrate::run(serving, |line| println!("{line}")).await)
}

fn conclude(result: Result<(), MigrateError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
