//! `GET /openapi.json`: the contract; `GET /docs` and `GET /docs/{file}`: the
//! page that shows it, with Swagger UI.

use std::borrow::Cow;
use std::process::ExitCode;
use std::sync::{Arc, LazyLock};

use shared::{File, Problem, Request, Response, Site, openapi, request::is_about, response::file};
use utoipa_swagger_ui::Config;

static DOCUMENT: LazyLock<String> = LazyLock::new(openapi::document);

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let page = File::new("index.html", include_bytes!("docs/index.html"));
    Site::new(page, &*PARTS)
});

static PARTS: LazyLock<[File; 4]> = LazyLock::new(|| {
    [
        File::new("start.js", include_bytes!("docs/start.js")),
        swagger_ui("favicon-32x32.png"),
        swagger_ui("swagger-ui-bundle.js"),
        swagger_ui("swagger-ui.css"),
    ]
});

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(_: &(), request: Request) -> Result<Response, Problem> {
    if is_about(&request, "openapi.json") {
        return file(&request, &File::new("openapi.json", DOCUMENT.as_bytes()));
    }
    file(&request, SITE.find(&request)?)
}

fn swagger_ui(name: &'static str) -> File {
    let found = utoipa_swagger_ui::serve(name, Arc::new(Config::default()));
    let content = found.ok().flatten().map(|file| file.bytes);
    let Some(Cow::Borrowed(content)) = content else {
        panic!("Swagger UI has {name}, as it is");
    };
    File::new(name, content)
}
