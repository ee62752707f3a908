//! `POST /api/v1/auth/register`: a new account, signed in.

use std::process::ExitCode;

use shared::{Problem, Registration, Request, Response, Sessions, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(sessions: &Sessions, request: Request) -> Result<Response, Problem> {
    let new: Registration = request::json_body(&request)?;
    let from = request::source_address(&request);
    let session = sessions.register(new, from).await?;
    Ok(response::registered(&session))
}
