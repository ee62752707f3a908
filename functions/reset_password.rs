//! `POST /api/v1/auth/forgot-password`: mails a link to a user who forgot
//! the password; `POST /api/v1/auth/reset-password`: a new password for the
//! token of that link.

use std::process::ExitCode;

use shared::{ForgottenPassword, PasswordReset, PasswordResets, Problem};
use shared::{Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(resets: &PasswordResets, request: Request) -> Result<Response, Problem> {
    let from = request::source_address(&request);
    if request::is_about(&request, "reset-password") {
        let reset: PasswordReset = request::json_body(&request)?;
        resets.reset(&reset, from).await?;
        return Ok(response::no_content());
    }
    let forgotten: ForgottenPassword = request::json_body(&request)?;
    resets.send_link(&forgotten, from).await?;
    Ok(response::accepted())
}
