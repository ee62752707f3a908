//! `GET /api/v1/tasks/stats`: how many tasks there are of each kind.

use std::process::ExitCode;

use shared::{Context, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let today = request::today(&request)?;
    let stats = context.tasks(&user).stats(today).await?;
    Ok(response::json(&stats))
}
