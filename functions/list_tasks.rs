//! `GET /api/v1/tasks`: one page of the tasks, newest first.

use std::process::ExitCode;

use shared::{Context, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let page = request::page(&request)?;
    let list = context.tasks(&user).list(&page).await?;
    Ok(response::page(&request, &list))
}
