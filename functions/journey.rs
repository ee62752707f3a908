//! Signs in, creates a task and deletes it, through the network: what a
//! schedule invokes, to know whether clients are served.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::journey::main().await
}
