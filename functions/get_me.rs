//! `GET /api/v1/me`: who the user is.

use std::process::ExitCode;

use shared::{Accounts, Problem, Request, Response, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(accounts: &Accounts, request: Request) -> Result<Response, Problem> {
    let user = accounts.authenticate(&request).await?;
    let me = accounts.of(&user).profile().await?;
    Ok(response::json(&me))
}
