//! `GET /` and `GET /web/{file}`

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::harness::{binary, service};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/functions/web");

#[tokio::test]
async fn every_file_of_the_page_is_served_with_its_media_type() {
    let mut served = BTreeSet::new();
    for entry in fs::read_dir(FILES).expect("the directory is there") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().expect("it has one").to_string_lossy();
        let target = match &*name {
            "index.html" => "/".to_owned(),
            name => format!("/web/{name}"),
        };

        let answer = service().get(&target).send().await;

        assert_eq!(answer.status(), 200, "{target}: {answer:?}");
        assert_eq!(
            answer.text(),
            fs::read_to_string(&path).expect("it is text")
        );
        let extension = name.rsplit('.').next().unwrap_or_default().to_owned();
        served.insert((extension, answer.header("content-type").map(str::to_owned)));
    }
    let types = [
        ("css", "text/css; charset=utf-8"),
        ("html", "text/html; charset=utf-8"),
        ("js", "text/javascript; charset=utf-8"),
        ("svg", "image/svg+xml"),
    ];
    let types = types.map(|(extension, media_type)| (extension.into(), Some(media_type.into())));
    assert_eq!(served, BTreeSet::from(types));
}

#[tokio::test]
async fn the_page_may_load_only_what_is_served_beside_it() {
    let answer = service().get("/").send().await;

    let policy = answer.header("content-security-policy");
    let policy: Vec<&str> = policy.expect("there is one").split("; ").collect();
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(&directive), "{policy:?}");
    }
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let service = service();
    let first = service.get("/web/app.js").send().await;
    let etag = first.header("etag").expect("it has one");

    let again = service.get("/web/app.js").header("if-none-match", etag);
    let again = again.send().await;

    assert_eq!((again.status(), again.text()), (304, String::new()));
    assert_eq!(again.header("etag"), Some(etag));
    assert_eq!(again.header("cache-control"), Some("no-cache"));
    let other = service.get("/").header("if-none-match", etag);
    assert_eq!(other.send().await.status(), 200);
}

#[tokio::test]
async fn a_file_that_is_not_part_of_the_page_is_not_found() {
    for name in ["index.html", "none.js", "..%2fweb.rs", "%2e%2e"] {
        let answer = service().get(&format!("/web/{name}")).send().await;
        answer.expect_problem(404, "not-found");
    }
}

#[test]
fn the_page_needs_neither_a_database_nor_a_secret() {
    let output = Command::new(binary("web"))
        .env_clear()
        // Nobody listens there, which is the only thing to complain about.
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
        .env("AWS_LAMBDA_FUNCTION_NAME", "web")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .output()
        .expect("the binary is there");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("the Lambda runtime ended"), "{text}");
}

#[test]
fn a_bad_level_ends_the_start_of_the_page_too() {
    let output = Command::new(binary("web"))
        .env_clear()
        .env("LOG_LEVEL", "loud")
        .output()
        .expect("the binary is there");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("LOG_LEVEL must be one of"), "{text}");
}
