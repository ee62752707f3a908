//! `GET /.well-known/jwks.json`: the public keys of the built-in tokens.

use std::process::ExitCode;

use shared::{Context, Problem, Request, Response, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, _: Request) -> Result<Response, Problem> {
    let keys = context.public_keys().await?;
    Ok(response::public_keys(&keys))
}
