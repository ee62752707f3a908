//! `POST /api/v1/auth/logout`: ends the sign-in that a refresh token belongs to.

use std::process::ExitCode;

use shared::{
    Accounts, Problem, Refresh, Request, Response, request::json_body, response::no_content,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(accounts: &Accounts, request: Request) -> Result<Response, Problem> {
    let presented: Refresh = json_body(&request)?;
    accounts.log_out(&presented).await?;
    Ok(no_content())
}
