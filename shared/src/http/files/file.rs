//! One file, as it is and compressed.

use std::borrow::Cow;
use std::io::{Read, Write};
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};

use super::modules;

/// A file, the name that it is served under, and its two encodings, each made
/// when it is first asked for.
pub struct File {
    name: &'static str,
    hash: String,
    plain: OnceLock<Cow<'static, [u8]>>,
    gzip: OnceLock<Cow<'static, [u8]>>,
}

impl File {
    /// A file; its name tells its media type.
    pub fn new(name: &'static str, content: impl Into<Cow<'static, [u8]>>) -> Self {
        let content = content.into();
        Self {
            name,
            hash: hash(&content),
            plain: OnceLock::from(content),
            gzip: OnceLock::new(),
        }
    }

    /// A file that is compressed already (RFC 1952).
    pub fn gzipped(name: &'static str, content: impl Into<Cow<'static, [u8]>>) -> Self {
        let content = content.into();
        Self {
            name,
            hash: hash(&content),
            plain: OnceLock::new(),
            gzip: OnceLock::from(content),
        }
    }

    /// One script of several ES modules, of which `name` is where it begins:
    /// the page is there after one request and not after thirty.
    pub fn script(name: &'static str, modules: &[(&str, &str)]) -> Self {
        Self::new(name, modules::join(name, modules).into_bytes())
    }

    /// One style sheet of several, in their order.
    pub fn styles(name: &'static str, sheets: &[(&str, &str)]) -> Self {
        let sheets: Vec<&str> = sheets.iter().map(|(_, sheet)| *sheet).collect();
        Self::new(name, sheets.join("\n").into_bytes())
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// `app.Zm9v.js`: another content has another name.
    pub(super) fn hashed_name(&self) -> String {
        let (stem, extension) = self.name.rsplit_once('.').unwrap_or((self.name, ""));
        format!("{stem}.{}.{extension}", self.hash)
    }

    /// The value of the `ETag`, without its quotation marks: the same for
    /// the same content, whoever deployed it and when, and another one for
    /// another encoding (RFC 9110 section 8.8.3.3).
    pub(crate) fn opaque_tag(&self, encoding: Encoding) -> String {
        match encoding {
            Encoding::Identity => self.hash.clone(),
            Encoding::Gzip => format!("{}-gzip", self.hash),
        }
    }

    pub(crate) fn content(&self, encoding: Encoding) -> &[u8] {
        match encoding {
            Encoding::Identity => self.plain(),
            Encoding::Gzip => self.gzip(),
        }
    }

    /// Pictures of points are compressed by themselves.
    pub(crate) fn is_compressible(&self) -> bool {
        !matches!(self.extension(), "png" | "woff2")
    }

    /// RFC 9239 for scripts; the others from IANA's registry.
    pub(crate) fn media_type(&self) -> &'static str {
        match self.extension() {
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

    pub(super) fn plain(&self) -> &[u8] {
        self.plain.get_or_init(|| {
            let mut plain = Vec::new();
            let mut decoder = GzDecoder::new(self.gzip());
            let read = decoder.read_to_end(&mut plain);
            read.expect("a file of the binary is whole");
            plain.into()
        })
    }

    fn gzip(&self) -> &[u8] {
        self.gzip.get_or_init(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            let written = encoder.write_all(self.plain());
            let gzip = written.and_then(|()| encoder.finish());
            gzip.expect("memory takes what is written").into()
        })
    }

    fn extension(&self) -> &'static str {
        let (_, extension) = self.name.rsplit_once('.').unwrap_or_default();
        extension
    }
}

/// How a content travels (RFC 9110 section 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    /// The one to answer a request with this `Accept-Encoding` in (RFC 9110
    /// section 12.5.3).
    pub(crate) fn accepted(header: &str) -> Self {
        let weight_of = |wanted: &str| {
            header.split(',').find_map(|item| {
                let (coding, parameter) = item.split_once(';').unwrap_or((item, ""));
                let is_wanted = coding.trim().eq_ignore_ascii_case(wanted);
                is_wanted.then(|| weight(parameter))
            })
        };
        match weight_of("gzip").or_else(|| weight_of("*")) {
            Some(weight) if weight > 0.0 => Self::Gzip,
            _ => Self::Identity,
        }
    }
}

/// Of `q=0.5`; 1 when nothing is said.
fn weight(parameter: &str) -> f32 {
    let value = parameter.trim().strip_prefix("q=");
    value.and_then(|value| value.parse().ok()).unwrap_or(1.0)
}

fn hash(content: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, content).as_ref()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_by_whoever_accepts_it() {
        for header in ["gzip", "br;q=1.0, gzip;q=0.8", "*", "deflate, GZIP"] {
            assert_eq!(Encoding::accepted(header), Encoding::Gzip, "{header}");
        }
        for header in ["", "br", "gzip;q=0", "gzip; q=0.0, *", "identity", "*;q=0"] {
            assert_eq!(Encoding::accepted(header), Encoding::Identity, "{header}");
        }
    }

    #[test]
    fn both_encodings_are_the_same_content() {
        let plain = File::new("a.txt", b"a text ".repeat(100));
        assert!(plain.gzip().len() < 100);
        let back = File::gzipped("a.txt", plain.gzip().to_vec());
        assert_eq!(back.plain(), plain.plain());
    }
}
