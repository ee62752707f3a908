//! `GET /openapi.json`: the contract; `GET /docs` and `GET /docs/{file}`: the
//! page that shows it, with Swagger UI.

use std::process::ExitCode;
use std::sync::LazyLock;

use rawzip::{CompressionMethod, ZipArchive};
use shared::{File, Found, Problem, Request, Response, Site, file_response, request};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

static DOCUMENT: LazyLock<File> =
    LazyLock::new(|| File::new("openapi.json", include_bytes!("../openapi.json")));

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let parts = vec![
        File::new("start.js", include_bytes!("docs/start.js")),
        swagger_ui("favicon-32x32.png"),
        swagger_ui("swagger-ui-bundle.js"),
        swagger_ui("swagger-ui.css"),
    ];
    Site::new(include_str!("docs/index.html"), parts)
});

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    shared::serve(handler).await
}

async fn handler(_: &(), request: Request) -> Result<Response, Problem> {
    if request::is_about(&request, "openapi.json") {
        return file_response(&request, &Found::changing(&DOCUMENT));
    }
    file_response(&request, &SITE.find(&request)?)
}

/// A file of Swagger UI as the zip archive of its release has it: compressed
/// already, so that it is never done here.
fn swagger_ui(name: &'static str) -> File {
    let archive = ZipArchive::from_slice(SWAGGER_UI_VENDORED).expect("it is a zip archive");
    let mut entries = archive.entries();
    let path = format!("/dist/{name}");
    let entry = loop {
        let entry = entries.next_entry().expect("the archive is whole");
        let entry = entry.unwrap_or_else(|| panic!("Swagger UI has {name}"));
        if entry.file_path().as_ref().ends_with(path.as_bytes()) {
            break entry;
        }
    };
    let content = archive.get_entry(entry.wayfinder());
    let content = content.expect("the archive is whole").data();
    match entry.compression_method() {
        CompressionMethod::STORE => File::new(name, content.to_vec()),
        _ => File::gzipped(
            name,
            gzip(content, entry.crc32(), entry.uncompressed_size_hint()),
        ),
    }
}

/// Both formats have the same compressed data (RFC 1951); this one puts it
/// between a head and a checksum (RFC 1952).
fn gzip(deflated: &[u8], crc32: u32, size: u64) -> Vec<u8> {
    const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let size = u32::try_from(size).expect("a file of a page is small");
    [&HEAD, deflated, &crc32.to_le_bytes(), &size.to_le_bytes()].concat()
}
