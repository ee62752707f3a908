//! `POST /api/v1/tasks/batch`: several changes, together or not at all.

use std::process::ExitCode;

use shared::{Batch, Context, Problem, Request, Response, request::json_body, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let batch: Batch = json_body(&request)?;
    let outcomes = context.tasks(&user).run(&batch).await?;
    response::outcomes(&outcomes)
}
