//! `POST /api/v1/auth/login`: signs a user in.

use std::process::ExitCode;

use shared::{
    Accounts, Login, Problem, Request, Response, request::json_body, request::source_address,
    response::signed_in,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(accounts: &Accounts, request: Request) -> Result<Response, Problem> {
    let login: Login = json_body(&request)?;
    let from = source_address(&request);
    let session = accounts.login(&login, from).await?;
    signed_in(&session)
}
