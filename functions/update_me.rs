//! `PATCH /api/v1/me`: another name or password.

use std::process::ExitCode;

use shared::{
    Context, Problem, ProfileChanges, Request, Response, request::json_body, response::profile,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let changes: ProfileChanges = json_body(&request)?;
    let me = context.account(&user).change(&changes).await?;
    profile(&me)
}
