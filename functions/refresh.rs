//! `POST /api/v1/auth/refresh`: a refresh token for a new one and a new access token.

use std::process::ExitCode;

use shared::{Problem, Refresh, Request, Response, Sessions, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(sessions: &Sessions, request: Request) -> Result<Response, Problem> {
    let presented: Refresh = request::json_body(&request)?;
    let from = request::source_address(&request);
    let session = sessions.refresh(&presented, from).await?;
    Ok(response::unstored(&session))
}
