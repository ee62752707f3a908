//! `GET /api/v1/me/export`: everything that is stored of the user.

use std::process::ExitCode;

use shared::{Accounts, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(accounts: &Accounts, request: Request) -> Result<Response, Problem> {
    let user = accounts.authenticate(&request).await?;
    let page = request::page_of_everything(&request)?;
    let export = accounts.export(&user, &page).await?;
    Ok(response::unstored(&export))
}
