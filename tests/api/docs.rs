//! `GET /openapi.json`, `GET /docs` and `GET /docs/{file}`

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use local::stack::StackOptions;
use testing::{Service, play, service};

#[tokio::test]
async fn the_document_is_served_as_it_is_checked_in() {
    let answer = service().get("/openapi.json").send().await;

    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text(), include_str!("../../openapi.json"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json()["openapi"], "3.1.0");
}

/// The generator, utoipa, would be an eighth of a newcomer's first build.
#[test]
fn neither_functions_nor_cargo_dev_compile_the_generator() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--workspace"])
        .args(["--edges", "normal,build", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo is here");
    assert!(output.status.success(), "{output:?}");
    let tree = String::from_utf8(output.stdout).expect("names are ASCII");
    let crates: BTreeSet<&str> = tree.split_whitespace().collect();
    assert!(crates.contains("todo-service") && crates.contains("local"));
    assert!(!crates.contains("utoipa") && !crates.contains("utoipa-gen"));
}

#[tokio::test]
async fn a_client_that_has_the_document_does_not_get_it_again() {
    let first = service().get("/openapi.json").send().await;
    let etag = first.header("etag").expect("it has one").to_owned();

    let call = service();
    let call = call.get("/openapi.json").header("if-none-match", &etag);
    let second = call.send().await;

    assert_eq!((second.status(), second.text().as_str()), (304, ""));
    assert_eq!(second.header("etag"), Some(etag.as_str()));
}

#[tokio::test]
async fn the_page_loads_only_what_is_served_beside_it() {
    let page = service().get("/docs").send().await;

    assert_eq!(page.status(), 200);
    let policy = page.header("content-security-policy").expect("it has one");
    assert!(
        !policy.contains("http") && !policy.contains("unsafe"),
        "{policy}"
    );
    let text = page.text();
    let parts = text
        .split('"')
        .filter(|value| value.starts_with("docs/") && value.contains('.'));
    let mut count = 0;
    for part in parts {
        let answer = service().get(&format!("/{part}")).send().await;
        assert_eq!(answer.status(), 200, "{part}");
        let media_type = answer.header("content-type").expect("it has one");
        let caching = "public, max-age=31536000, immutable";
        assert_eq!(answer.header("cache-control"), Some(caching), "{part}");
        let expected = match part.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            _ => "image/png",
        };
        assert_eq!(media_type, expected, "{part}");
        count += 1;
    }
    assert_eq!(count, 4, "{text}");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_found() {
    for file in ["no.js", "swagger-ui-es-bundle.js", "..%2Fdocs.rs"] {
        let answer = service().get(&format!("/docs/{file}")).send().await;
        answer.expect_problem(404, "not-found");
    }
}

#[tokio::test]
async fn the_page_is_small_on_the_wire() {
    let service = service();
    let mut bytes = 0;
    let mut targets = vec!["/docs".to_owned(), "/openapi.json".to_owned()];
    let page = service.get("/docs").send().await.text();
    let parts = page
        .split('"')
        .filter(|value| value.starts_with("docs/") && value.contains('.'));
    targets.extend(parts.map(|part| format!("/{part}")));
    for target in targets {
        let call = service.get(&target).header("accept-encoding", "gzip");
        bytes += call.send().await.bytes().len();
    }
    assert!(bytes < 500_000, "{bytes}");
}

#[tokio::test]
async fn the_page_is_there_without_compression_too() {
    let answer = service().get("/docs/swagger-ui-bundle.js").send().await;

    assert_eq!(answer.header("content-encoding"), None);
    assert!(answer.text().contains("SwaggerUIBundle"));
}

/// The page in a real Chromium shows every operation, takes a token, and sends a
/// request. No request leaves the service's origin.
#[test]
fn the_page_shows_every_operation_and_tries_one_out() {
    play(&service(), "docs");
}

#[test]
fn each_operation_succeeds_as_the_page_offers_it() {
    let service = Arc::new(Service::start(&StackOptions::default()));
    play(&service, "docs_try");
}
