//! `DELETE /api/v1/tasks?completed=true`: deletes all completed tasks.

use std::process::ExitCode;

use shared::{Context, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    request::expect_completed(&request)?;
    let deleted = context.tasks(&user).clear_completed().await?;
    Ok(response::json(&deleted))
}
