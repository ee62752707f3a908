//! `GET /` and `GET /web/{file}`

use std::fs;
use std::io::Read;
use std::process::Command;

use flate2::read::GzDecoder;
use testing::{Answer, Service, binary, service};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/functions/web");

#[tokio::test]
async fn every_file_of_the_page_is_served_in_one_of_three() {
    let service = service();
    let (scripts, styles) = (served(&service, "app.js"), served(&service, "style.css"));
    let (scripts, styles) = (scripts.await, styles.await);
    for entry in fs::read_dir(FILES).expect("the directory is there") {
        let path = entry.expect("it can be read").path();
        let text = fs::read_to_string(&path).expect("it is text");
        // Imports and exports are written otherwise there.
        let is_kept = |line: &&str| !line.starts_with("import ") && !line.starts_with("export ");
        let longest = text.lines().filter(is_kept).max_by_key(|line| line.len());
        let longest = longest.expect("it has lines");
        let (whole, media_type) = match path.extension().and_then(|it| it.to_str()) {
            Some("js") => (&scripts, "text/javascript; charset=utf-8"),
            Some("css") => (&styles, "text/css; charset=utf-8"),
            Some("svg") => (&served(&service, "icon.svg").await, "image/svg+xml"),
            Some("html") => (&service.get("/").send().await, "text/html; charset=utf-8"),
            _ => panic!("{path:?} is of no kind that is served"),
        };

        assert_eq!(whole.header("content-type"), Some(media_type), "{path:?}");
        assert!(whole.text().contains(longest), "{path:?} is not served");
    }
}

/// A part of the page by its own name.
async fn served(service: &Service, name: &str) -> Answer {
    let answer = service.get(&format!("/web/{name}")).send().await;
    assert_eq!(answer.status(), 200, "{name}: {answer:?}");
    answer
}

#[tokio::test]
async fn what_the_page_names_is_kept_for_good() {
    let page = service().get("/").send().await;
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let text = page.text();
    let parts: Vec<&str> = text
        .split('"')
        .filter(|value| value.starts_with("web/"))
        .collect();
    assert_eq!(parts.len(), 4, "{parts:?}");
    for part in parts {
        let answer = service().get(&format!("/{part}")).send().await;

        assert_eq!(answer.status(), 200, "{part}");
        let caching = "public, max-age=31536000, immutable";
        assert_eq!(answer.header("cache-control"), Some(caching), "{part}");
    }
}

/// While a deployment is under way, a page of one version may meet the files
/// of another one.
#[tokio::test]
async fn a_file_of_another_deployment_is_the_one_of_today() {
    for name in ["app.js", "app.c29tZXRoaW5nZWxzZQ.js"] {
        let answer = service().get(&format!("/web/{name}")).send().await;

        assert_eq!(answer.status(), 200, "{name}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{name}");
    }
}

#[tokio::test]
async fn whoever_accepts_it_gets_a_file_compressed() {
    for target in ["/", "/web/app.js", "/web/style.css", "/web/icon.svg"] {
        let plain = service().get(target).send().await;
        let call = service();
        let call = call.get(target).header("accept-encoding", "gzip, br");
        let gzip = call.send().await;

        assert_eq!(plain.header("content-encoding"), None, "{target}");
        assert_eq!(gzip.header("content-encoding"), Some("gzip"), "{target}");
        let mut text = String::new();
        let read = GzDecoder::new(gzip.bytes()).read_to_string(&mut text);
        read.expect("it is gzip");
        assert_eq!(text, plain.text(), "{target}");
        assert!(gzip.bytes().len() < text.len(), "{target}");
        for answer in [&plain, &gzip] {
            assert_eq!(answer.header("vary"), Some("accept-encoding"), "{target}");
        }
        // A cache must not take one for the other.
        assert_ne!(plain.header("etag"), gzip.header("etag"), "{target}");
    }
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
    for (encoding, target) in [("identity", "/web/app.js"), ("gzip", "/")] {
        let get = || service.get(target).header("accept-encoding", encoding);
        let first = get().send().await;
        let etag = first.header("etag").expect("it has one");

        let again = get().header("if-none-match", etag).send().await;

        assert_eq!((again.status(), again.text()), (304, String::new()));
        assert_eq!(again.header("etag"), Some(etag));
        assert_eq!(again.header("cache-control"), Some("no-cache"));
        assert_eq!(again.header("vary"), Some("accept-encoding"));
        let other = service.get("/web/style.css").header("if-none-match", etag);
        assert_eq!(other.send().await.status(), 200);
    }
}

#[tokio::test]
async fn a_file_that_is_not_part_of_the_page_is_not_found() {
    for name in ["index.html", "none.js", "list.js", "..%2fweb.rs", "%2e%2e"] {
        let answer = service().get(&format!("/web/{name}")).send().await;
        answer.expect_problem(404, "not-found");
    }
}
#[test]
fn the_page_needs_neither_a_database_nor_a_secret() {
    let output = Command::new(binary("web"))
        .env_clear()
        // No server listens there, which is the only error.
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
