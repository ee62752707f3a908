//! Files in a function's binary: a page, and its parts.
//!
//! The page names each part with a hash of its content, so caches keep a part
//! for good and a visit asks for nothing but the page again.

mod file;
mod modules;
mod response;

use lambda_http::Request;

pub(crate) use file::Encoding;
pub use file::File;
pub use response::file as file_response;

use crate::input::path::path_parameter;
use crate::problem::Problem;

/// The policy of a page (<https://www.w3.org/TR/CSP3/>): it may load files that
/// are served beside it, run no script that is written inside the page itself,
/// and be in no frame.
pub(crate) const STRICT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// A page with its styles, scripts and pictures.
pub struct Site {
    page: File,
    parts: Vec<File>,
}

/// A file of a site, and how long caches may use it.
pub struct Found<'a> {
    pub(crate) file: &'a File,
    pub(crate) freshness: Freshness,
}

/// How long a cache may use a file without asking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Freshness {
    /// For good: its name says what is in it.
    Immutable,
    /// Not at all, so that a deployment is seen at once.
    AskFirst,
}

impl Site {
    /// `page` is HTML that names its parts as `"folder/name"`. The page is
    /// served where the path has no `{file}`, its parts where it names them.
    pub fn new(page: &str, parts: Vec<File>) -> Self {
        let page = parts.iter().fold(page.to_owned(), |page, part| {
            let (plain, hashed) = (format!("/{}\"", part.name()), part.hashed_name());
            page.replace(&plain, &format!("/{hashed}\""))
        });
        let page = File::new("index.html", page.into_bytes());
        Self { page, parts }
    }

    /// The file that the request is about. A name without a hash, or with the
    /// one of another deployment, is that of the file as it is now.
    ///
    /// # Errors
    /// 404 when there is none of this name.
    pub fn find(&self, request: &Request) -> Result<Found<'_>, Problem> {
        let Some(name) = path_parameter(request, "file") else {
            return Ok(Found::changing(&self.page));
        };
        let plain_name = without_hash(&name);
        let named = |part: &&File| part.name() == name || part.name() == plain_name;
        let file = self.parts.iter().find(named);
        let file = file.ok_or_else(Problem::no_such_file)?;
        Ok(match file.hashed_name() == name {
            true => Found {
                file,
                freshness: Freshness::Immutable,
            },
            false => Found::changing(file),
        })
    }
}

impl<'a> Found<'a> {
    /// A file whose name stays when its content changes.
    pub const fn changing(file: &'a File) -> Self {
        Self {
            file,
            freshness: Freshness::AskFirst,
        }
    }
}

/// `app.js` of `app.Zm9v.js`.
fn without_hash(name: &str) -> String {
    match name.split('.').collect::<Vec<_>>()[..] {
        [stem, _, extension] => format!("{stem}.{extension}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::{Body, RequestExt};

    use super::*;

    fn request(file: Option<&str>) -> Request {
        let parameters = file.map(|file| [("file".to_owned(), file.to_owned())]);
        let parameters = parameters.into_iter().flatten();
        Request::new(Body::Empty)
            .with_path_parameters(parameters.collect::<std::collections::HashMap<_, _>>())
    }

    fn site() -> Site {
        let parts = vec![
            File::new("app.js", b"1".to_vec()),
            File::new("swagger-ui.css", b"2".to_vec()),
        ];
        Site::new(r#"<script src="web/app.js"></script>"#, parts)
    }

    #[test]
    fn the_page_names_parts_that_caches_keep_for_good() {
        let site = site();
        let page = site.find(&request(None)).expect("it is there");
        assert_eq!(page.freshness, Freshness::AskFirst);
        let text = String::from_utf8_lossy(page.file.plain()).into_owned();
        let name = text.split(['/', '"']).nth(2).expect("it names one");
        assert_ne!(name, "app.js");

        let part = site.find(&request(Some(name))).expect("it is there");

        assert_eq!(part.freshness, Freshness::Immutable);
        assert_eq!(part.file.plain(), b"1");
    }

    #[test]
    fn a_name_of_another_deployment_is_answered_with_todays_file() {
        for name in ["app.js", "app.somethingelse.js"] {
            let site = site();
            let part = site.find(&request(Some(name))).expect("it is there");
            assert_eq!(part.freshness, Freshness::AskFirst);
            assert_eq!(part.file.plain(), b"1");
        }
        for name in ["other.js", "other.hash.js", "app", "app.a.b.js", ""] {
            assert!(site().find(&request(Some(name))).is_err(), "{name}");
        }
    }
}
