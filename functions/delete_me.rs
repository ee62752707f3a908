//! `DELETE /api/v1/me`: deletes the user and everything of it.

use std::process::ExitCode;

use shared::{
    Context, Deletion, Problem, Request, Response, request::json_body, response::no_content,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let deletion: Deletion = json_body(&request)?;
    context.account(&user).delete(&deletion).await?;
    Ok(no_content())
}
