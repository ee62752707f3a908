//! Operations for other machines and browsers.

use serde_json::json;
use utoipa::openapi::path::HttpMethod;

use super::answers::Answer;
use super::endpoint::{Endpoint, Section};
use super::headers;
use super::parameters::{DOCS_FILE, IF_NONE_MATCH, WEB_FILE};
use crate::auth::KeySet;
use crate::http::response::Health;
use crate::problem::Kind;

pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        public_keys(),
        live(),
        ready(),
        web_page(),
        web_file(),
        document(),
        docs_page(),
        docs_file(),
    ]
}

fn get(section: Section, path: &str, id: &str) -> Endpoint {
    Endpoint::new(section, HttpMethod::Get, path, id).public()
}

fn public_keys() -> Endpoint {
    let keys = json!({"keys": [{
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "kid": "q3b1vX0r7sJm5tYcKk2nWg",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }]});
    get(Section::Service, "/.well-known/jwks.json", "getPublicKeys")
        .says(
            "Read the public keys",
            "The keys that verify the built-in access tokens (RFC 7517). Caches may keep them for 5 minutes.",
        )
        .answers(Answer::json::<KeySet>("200", "The keys.", keys))
        .refuses([Kind::Unavailable])
}

fn live() -> Endpoint {
    get(Section::Service, "/health/live", "checkLive")
        .says("Is the service there?", "Whether functions run at all.")
        .answers(healthy())
}

fn ready() -> Endpoint {
    get(Section::Service, "/health/ready", "checkReady")
        .says(
            "Can the service work?",
            "Whether the database answers and has its tables.",
        )
        .answers(healthy())
        .refuses([Kind::Unavailable])
}

fn web_page() -> Endpoint {
    file("/", "getWebPage")
        .says(
            "Use the service",
            "A page for people, made with nothing but this API.",
        )
        .answers(Answer::file(&[HTML], "The page."))
}

fn web_file() -> Endpoint {
    file("/web/{file}", "getWebFile")
        .says(
            "Read a part of that page",
            "Its scripts, styles and pictures. The page names them with a hash of their content, and caches may keep those for good.",
        )
        .takes(WEB_FILE)
        .answers(Answer::file(
            &[SCRIPT, STYLES, "image/svg+xml"],
            "The file.",
        ))
        .refuses([Kind::NotFound])
}

fn document() -> Endpoint {
    file("/openapi.json", "getOpenApiDocument")
        .says("Read this document", "In OpenAPI 3.1, for programs.")
        .answers(Answer::file(&["application/json"], "The document."))
}

fn docs_page() -> Endpoint {
    file("/docs", "getDocsPage")
        .says(
            "Read this document as a page",
            "With Swagger UI, for people.",
        )
        .answers(Answer::file(&[HTML], "The page."))
}

fn docs_file() -> Endpoint {
    file("/docs/{file}", "getDocsFile")
        .says(
            "Read a part of that page",
            "Its scripts, styles and pictures, as for the other page.",
        )
        .takes(DOCS_FILE)
        .answers(Answer::file(&[SCRIPT, STYLES, "image/png"], "The file."))
        .refuses([Kind::NotFound])
}

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLES: &str = "text/css; charset=utf-8";

/// A file that a browser keeps, and asks for only if there is another version.
fn file(path: &str, id: &str) -> Endpoint {
    let known = Answer::empty("304", "The client has this version.")
        .with(headers::CACHE_CONTROL)
        .with(headers::ETAG)
        .with(headers::VARY);
    get(Section::Pages, path, id)
        .takes(IF_NONE_MATCH)
        .answers(known)
}

fn healthy() -> Answer {
    Answer::json::<Health>("200", "The service is healthy.", json!({"status": "ok"}))
}
