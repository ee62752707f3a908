//! Brings the database up to date: tables, roles, grants. From a shell, or
//! for CloudFormation when a deployment runs it.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if shared::migrate::is_deployed() {
        return shared::migrate::serve().await;
    }
    match shared::migrate::run(|line| println!("{line}")).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
