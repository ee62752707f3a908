//! `GET /api/v1/tasks/{task_id}`: one task.

use std::process::ExitCode;

use shared::conditions::is_known;
use shared::request::task_id;
use shared::response::{not_modified, ok};
use shared::{Context, Problem, Request, Response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let id = task_id(&request)?;
    let task = context.tasks(&user).find(id).await?;
    match is_known(&request, &task)? {
        true => not_modified(&task),
        false => ok(&task),
    }
}
