//! `GET /` and `GET /web/{file}`: the page, and what it is made of.

use std::process::ExitCode;
use std::sync::LazyLock;

use shared::{File, Problem, Request, Response, Site, file_response};

/// Files of the page with their names.
macro_rules! named {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("web/", $name)))),*]
    };
}

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let parts = vec![
        File::new("icon.svg", include_bytes!("web/icon.svg")),
        File::script("app.js", MODULES),
        File::styles("style.css", STYLES),
    ];
    Site::new(include_str!("web/index.html"), parts)
});

const MODULES: &[(&str, &str)] = named![
    "account.js",
    "adding.js",
    "api.js",
    "app.js",
    "ask.js",
    "bulk.js",
    "clearing.js",
    "completing.js",
    "conflict.js",
    "counts.js",
    "dates.js",
    "drafts.js",
    "editor.js",
    "elements.js",
    "fields.js",
    "keys.js",
    "links.js",
    "list.js",
    "me.js",
    "notices.js",
    "pages.js",
    "problem.js",
    "queue.js",
    "removal.js",
    "row.js",
    "rows.js",
    "selection.js",
    "session.js",
    "sign_in.js",
    "sorting.js",
    "summary.js",
    "sync.js",
    "tasks.js",
    "undo.js",
    "view.js",
    "views.js",
    "waiting.js",
];

/// Later ones stand above earlier ones.
const STYLES: &[(&str, &str)] = named![
    "base.css",
    "controls.css",
    "sign_in.css",
    "tools.css",
    "tasks.css",
    "editor.css",
    "messages.css",
    "dialogs.css",
    "conditions.css",
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // While a function starts it has a whole processor.
    LazyLock::force(&SITE);
    shared::serve(handler).await
}

async fn handler(_: &(), request: Request) -> Result<Response, Problem> {
    file_response(&request, &SITE.find(&request)?)
}
