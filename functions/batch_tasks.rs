//! `POST /api/v1/tasks/batch`: several changes, together or not at all.

use std::process::ExitCode;

use shared::{Batch, Context, IdempotencyKey, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let batch: Batch = request::keyed_json_body(&request)?;
    let key = IdempotencyKey::read(&request)?;
    let result = context.tasks(&user).run(&batch, key.as_ref()).await?;
    Ok(response::batch(&result))
}
