//! `GET /health/live`: the function runs; `GET /health/ready`: so does the
//! database.

use std::process::ExitCode;

use shared::{Context, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    if request::is_about(&request, "ready") {
        context.check_ready().await?;
    }
    Ok(response::healthy())
}
