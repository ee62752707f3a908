//! `GET /api/v1/tasks/{task_id}`: one task.

use std::process::ExitCode;

use shared::conditions::is_known;
use shared::{Context, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let id = request::task_id(&request)?;
    let task = context.tasks(&user).find(id).await?;
    Ok(match is_known(&request, &task)? {
        true => response::not_modified(&task),
        false => response::task(&task),
    })
}
