//! `GET /api/v1/tasks/changes`: what changed since a moment.

use std::process::ExitCode;

use shared::{Context, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let since = request::since(&request)?;
    let changes = context.tasks(&user).changes(&since).await?;
    Ok(response::json(&changes))
}
