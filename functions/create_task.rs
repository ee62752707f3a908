//! `POST /api/v1/tasks`: a new task.

use std::process::ExitCode;

use shared::{Context, NewTask, Problem, Request, Response, request::json_body, response::created};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let new: NewTask = json_body(&request)?;
    let task = context.tasks(&user).create(&new).await?;
    created(&task)
}
