//! `PATCH /api/v1/tasks/{task_id}`: changes what the body names (RFC 7396);
//! `PUT`: replaces the whole task.

use std::process::ExitCode;

use lambda_http::http::Method;
use shared::conditions::Precondition;
use shared::{Context, Problem, Request, Response, request, response};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let id = request::task_id(&request)?;
    let precondition = Precondition::read(&request)?;
    let tasks = context.tasks(&user);
    let task = match *request.method() {
        Method::PUT => {
            tasks
                .replace(id, &request::json_body(&request)?, &precondition)
                .await?
        }
        _ => {
            tasks
                .update(id, &request::json_body(&request)?, &precondition)
                .await?
        }
    };
    Ok(response::task(&task))
}
