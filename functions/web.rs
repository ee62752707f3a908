//! `GET /` and `GET /web/{file}`: the page, and what it is made of.

use std::process::ExitCode;

use shared::{File, Problem, Request, Response, Site, response};

const SITE: Site = Site::new(
    File::new("index.html", include_bytes!("web/index.html")),
    &[
        File::new("adding.js", include_bytes!("web/adding.js")),
        File::new("api.js", include_bytes!("web/api.js")),
        File::new("app.js", include_bytes!("web/app.js")),
        File::new("clearing.js", include_bytes!("web/clearing.js")),
        File::new("dates.js", include_bytes!("web/dates.js")),
        File::new("editor.js", include_bytes!("web/editor.js")),
        File::new("elements.js", include_bytes!("web/elements.js")),
        File::new("fields.js", include_bytes!("web/fields.js")),
        File::new("icon.svg", include_bytes!("web/icon.svg")),
        File::new("list.js", include_bytes!("web/list.js")),
        File::new("notices.js", include_bytes!("web/notices.js")),
        File::new("problem.js", include_bytes!("web/problem.js")),
        File::new("removal.js", include_bytes!("web/removal.js")),
        File::new("row.js", include_bytes!("web/row.js")),
        File::new("session.js", include_bytes!("web/session.js")),
        File::new("sign_in.js", include_bytes!("web/sign_in.js")),
        File::new("style.css", include_bytes!("web/style.css")),
        File::new("tasks.js", include_bytes!("web/tasks.js")),
    ],
);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(_: &(), request: Request) -> Result<Response, Problem> {
    let file = SITE.find(&request)?;
    response::file(&request, file)
}
