//! `POST /api/v1/tasks/{task_id}/toggle`: completes an open task, reopens a completed one.

use std::process::ExitCode;

use shared::conditions::Precondition;
use shared::{Context, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let id = request::task_id(&request)?;
    let precondition = Precondition::read(&request)?;
    let task = context.tasks(&user).toggle(id, &precondition).await?;
    Ok(response::task(&task))
}
