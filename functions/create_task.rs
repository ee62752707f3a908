//! `POST /api/v1/tasks`: a new task.

use std::process::ExitCode;

use shared::{Context, IdempotencyKey, NewTask, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let new: NewTask = request::keyed_json_body(&request)?;
    let key = IdempotencyKey::read(&request)?;
    let creation = context.tasks(&user).create(&new, key.as_ref()).await?;
    Ok(response::created(&creation))
}
