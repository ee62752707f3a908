//! Conditional requests (RFC 9110 section 13): what a client demands of the
//! task's version.

use lambda_http::Request;
use lambda_http::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};

use super::{IdempotencyKey, Task};
use crate::problem::Problem;

/// A condition on the version of a task that is to be changed.
#[derive(Debug, PartialEq)]
pub enum Precondition {
    /// Nothing.
    None,
    /// `If-Match`: its version is one of these.
    IsOneOf(Vec<i32>),
    /// `If-None-Match: *`: there is no such task. None of our changes makes
    /// one, so it never holds; but the client shall hear that.
    IsAbsent,
}

impl Precondition {
    /// Reads `If-Match` and `If-None-Match: *`.
    ///
    /// # Errors
    /// 400 when a header is not a list of entity tags, or when the request has
    /// an `Idempotency-Key`: a precondition is what makes a change safe.
    pub fn read(request: &Request) -> Result<Self, Problem> {
        IdempotencyKey::refuse(request)?;
        let (if_none_match, if_match) = (tags(request, IF_NONE_MATCH)?, tags(request, IF_MATCH)?);
        if if_none_match == Some(Tags::Any) {
            return Ok(Self::IsAbsent);
        }
        match if_match {
            // `*` asks only that the task exists; an absent one is 404 anyway.
            None | Some(Tags::Any) => Ok(Self::None),
            Some(Tags::These(tags)) => Ok(Self::IsOneOf(
                tags.iter().filter_map(EntityTag::strong_version).collect(),
            )),
        }
    }

    /// The versions that may be changed; `None` for any.
    pub(crate) fn versions(&self) -> Option<&[i32]> {
        match self {
            Self::None => None,
            Self::IsOneOf(versions) => Some(versions),
            Self::IsAbsent => Some(&[]),
        }
    }
}

/// Whether the client has this version of the task already: `If-None-Match`
/// of a GET, compared weakly.
///
/// # Errors
/// 400 when the header is not a list of entity tags.
pub fn is_known(request: &Request, task: &Task) -> Result<bool, Problem> {
    has_version(request, &task.opaque_tag())
}

/// The same of anything whose `ETag` has `opaque_tag` in its quotation marks.
pub(crate) fn has_version(request: &Request, opaque_tag: &str) -> Result<bool, Problem> {
    Ok(match tags(request, IF_NONE_MATCH)? {
        None => false,
        Some(Tags::Any) => true,
        Some(Tags::These(tags)) => tags.iter().any(|tag| tag.opaque == opaque_tag),
    })
}

#[derive(Debug, PartialEq)]
enum Tags {
    Any,
    These(Vec<EntityTag>),
}

/// `"3"`, or `W/"3"` when some proxy made it weak.
#[derive(Debug, PartialEq)]
struct EntityTag {
    is_weak: bool,
    opaque: String,
}

impl EntityTag {
    fn parse(text: &str) -> Option<Self> {
        let (is_weak, quoted) = match text.strip_prefix("W/") {
            Some(quoted) => (true, quoted),
            None => (false, text),
        };
        let opaque = quoted.strip_prefix('"')?.strip_suffix('"')?;
        let is_allowed = |c: char| c > ' ' && c != '"' && c != '\u{7f}';
        opaque.chars().all(is_allowed).then(|| Self {
            is_weak,
            opaque: opaque.to_owned(),
        })
    }

    /// `If-Match` compares strongly; a tag that is not ours matches nothing.
    fn strong_version(&self) -> Option<i32> {
        let version = self.opaque.parse().ok()?;
        let is_ours = !self.is_weak && format!("{version}") == self.opaque;
        is_ours.then_some(version)
    }
}

/// The entity tags of all headers of this name.
fn tags(request: &Request, name: HeaderName) -> Result<Option<Tags>, Problem> {
    let malformed = || Problem::bad_request(format!("The header `{name}` is not a list of ETags."));
    let values = request.headers().get_all(&name);
    let mut texts = Vec::new();
    for value in values {
        texts.push(value.to_str().map_err(|_| malformed())?);
    }
    if texts.is_empty() {
        return Ok(None);
    }
    let list = texts.join(",");
    if list.trim() == "*" {
        return Ok(Some(Tags::Any));
    }
    let tags = list.split(',').map(str::trim).filter(|tag| !tag.is_empty());
    let tags: Option<Vec<_>> = tags.map(EntityTag::parse).collect();
    tags.map(|tags| Some(Tags::These(tags)))
        .ok_or_else(malformed)
}

#[cfg(test)]
mod tests {
    use lambda_http::Body;
    use lambda_http::http::Request;

    use super::*;

    fn read(headers: &[(&str, &str)]) -> Result<Precondition, Problem> {
        let mut request = Request::new(Body::Empty);
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("it is a name");
            request
                .headers_mut()
                .append(name, value.parse().expect("it is a value"));
        }
        Precondition::read(&request)
    }

    fn versions(value: &str) -> Option<Vec<i32>> {
        let condition = read(&[("if-match", value)]).ok()?;
        condition.versions().map(<[i32]>::to_vec)
    }

    #[test]
    fn if_match_takes_strong_tags_of_ours() {
        assert_eq!(versions(r#""3""#), Some(vec![3]));
        assert_eq!(versions(r#" "3" , "4",,W/"5" "#), Some(vec![3, 4]));
        assert_eq!(versions(r#""abc", "03", "99999999999""#), Some(vec![]));
        assert_eq!(versions("*"), None);
        let twice = read(&[("if-match", r#""1""#), ("if-match", r#""2""#)]);
        assert_eq!(twice.ok(), Some(Precondition::IsOneOf(vec![1, 2])));
    }

    #[test]
    fn what_is_no_list_of_tags_is_malformed() {
        for bad in ["3", r#""3"#, r#"w/"3""#, r#""a b""#, r#"*, "3""#] {
            assert!(read(&[("if-match", bad)]).is_err(), "{bad}");
            let with_star = [("if-match", bad), ("if-none-match", "*")];
            assert!(read(&with_star).is_err(), "{bad}");
        }
    }

    #[test]
    fn if_none_match_star_never_holds_for_a_change() {
        assert_eq!(
            read(&[("if-none-match", "*")]).ok(),
            Some(Precondition::IsAbsent)
        );
        assert_eq!(
            read(&[("if-none-match", r#""3""#)]).ok(),
            Some(Precondition::None)
        );
        assert_eq!(read(&[]).ok(), Some(Precondition::None));
    }
}
