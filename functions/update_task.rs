//! `PATCH /api/v1/tasks/{task_id}`: changes what the body names (RFC 7396);
//! `PUT`: replaces the whole task.

use std::process::ExitCode;

use shared::conditions::Precondition;
use shared::{
    Context, Problem, Request, Response, request::json_body, request::task_id, response::ok,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(context: &Context, request: Request) -> Result<Response, Problem> {
    let user = context.authenticate(&request).await?;
    let id = task_id(&request)?;
    let precondition = Precondition::read(&request)?;
    let tasks = context.tasks(&user);
    let task = match request.method().as_str() {
        "PUT" => {
            tasks
                .replace(id, &json_body(&request)?, &precondition)
                .await?
        }
        _ => {
            tasks
                .update(id, &json_body(&request)?, &precondition)
                .await?
        }
    };
    ok(&task)
}
