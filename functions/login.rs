//! `POST /api/v1/auth/login`: signs a user in.

use std::process::ExitCode;

use shared::{Login, Problem, Request, Response, Sessions, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(sessions: &Sessions, request: Request) -> Result<Response, Problem> {
    let login: Login = request::json_body(&request)?;
    let from = request::source_address(&request);
    let session = sessions.login(&login, from).await?;
    Ok(response::unstored(&session))
}
