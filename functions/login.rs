//! `POST /api/v1/auth/login`: signs a user in.

use std::process::ExitCode;

use shared::{
    Login, Problem, Request, Response, Sessions, request::json_body, request::source_address,
    response::signed_in,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(sessions: &Sessions, request: Request) -> Result<Response, Problem> {
    let login: Login = json_body(&request)?;
    let from = source_address(&request);
    let session = sessions.login(&login, from).await?;
    signed_in(&session)
}
