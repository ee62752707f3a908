//! `POST /api/v1/auth/logout`: ends the sign-in that a refresh token belongs
//! to, or every sign-in of its user.

use std::process::ExitCode;

use shared::{Accounts, Logout, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(accounts: &Accounts, request: Request) -> Result<Response, Problem> {
    let logout: Logout = request::json_body(&request)?;
    accounts.log_out(&logout).await?;
    Ok(response::no_content())
}
