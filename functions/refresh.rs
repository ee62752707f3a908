//! `POST /api/v1/auth/refresh`: a refresh token for a new one and a new access token.

use std::process::ExitCode;

use shared::{
    Accounts, Problem, Refresh, Request, Response, request::json_body, response::signed_in,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(accounts: &Accounts, request: Request) -> Result<Response, Problem> {
    let presented: Refresh = json_body(&request)?;
    let session = accounts.refresh(&presented).await?;
    signed_in(&session)
}
