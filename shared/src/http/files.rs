//! Files in a function's binary: a page, and what it is made of.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lambda_http::Request;
use ring::digest::{SHA256, digest};

use crate::input::path::path_parameter;
use crate::problem::Problem;

/// What a page may load and do (<https://www.w3.org/TR/CSP3/>): only what is
/// served beside it, nothing that stands inside the page itself, and in no
/// frame.
pub(crate) const STRICT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// A page with its styles, scripts and pictures.
pub struct Site {
    page: File,
    parts: &'static [File],
}

/// A file, and the name that it is served under.
pub struct File {
    name: &'static str,
    content: &'static [u8],
}

impl Site {
    /// The page is served where the path has no `{file}`, its parts where it
    /// names them.
    pub const fn new(page: File, parts: &'static [File]) -> Self {
        Self { page, parts }
    }

    /// The file that the request is about.
    ///
    /// # Errors
    /// 404 when there is none of this name.
    pub fn find(&self, request: &Request) -> Result<&File, Problem> {
        let Some(name) = path_parameter(request, "file") else {
            return Ok(&self.page);
        };
        let found = self.parts.iter().find(|file| file.name == name);
        found.ok_or_else(Problem::no_such_file)
    }
}

impl File {
    /// A file; its name tells its media type.
    pub const fn new(name: &'static str, content: &'static [u8]) -> Self {
        Self { name, content }
    }

    pub(crate) fn content(&self) -> &'static [u8] {
        self.content
    }

    /// RFC 9239 for scripts; the others from IANA's registry.
    pub(crate) fn media_type(&self) -> &'static str {
        let (_, extension) = self.name.rsplit_once('.').unwrap_or_default();
        match extension {
            "css" => "text/css; charset=utf-8",
            "html" => "text/html; charset=utf-8",
            "js" | "mjs" => "text/javascript; charset=utf-8",
            "json" => "application/json",
            "png" => "image/png",
            "svg" => "image/svg+xml",
            "txt" => "text/plain; charset=utf-8",
            "woff2" => "font/woff2",
            _ => "application/octet-stream",
        }
    }

    /// What stands between the quotation marks of its `ETag`: the same for the
    /// same content, whoever deployed it and when.
    pub(crate) fn opaque_tag(&self) -> String {
        let hash = digest(&SHA256, self.content);
        URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])
    }
}
