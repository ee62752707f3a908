//! `PATCH /api/v1/me`: another name or password.

use std::process::ExitCode;

use shared::{Accounts, Problem, ProfileChanges, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(accounts: &Accounts, request: Request) -> Result<Response, Problem> {
    let user = accounts.authenticate(&request).await?;
    let changes: ProfileChanges = request::json_body(&request)?;
    let me = accounts.of(&user).change(&changes).await?;
    Ok(response::json(&me))
}
