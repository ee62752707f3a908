//! `DELETE /api/v1/me`: deletes the user and everything of it.

use std::process::ExitCode;

use shared::{Accounts, Deletion, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(accounts: &Accounts, request: Request) -> Result<Response, Problem> {
    let user = accounts.authenticate(&request).await?;
    let deletion: Deletion = request::json_body(&request)?;
    accounts.of(&user).delete(&deletion).await?;
    Ok(response::no_content())
}
