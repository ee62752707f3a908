//! `GET /api/v1/me`: who the user is.

use std::process::ExitCode;

use shared::{Context, Problem, Request, Response, response::profile};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let me = context.account(&user).profile().await?;
    profile(&me)
}
