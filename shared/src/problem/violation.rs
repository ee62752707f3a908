//! A value that breaks a rule.

use std::borrow::Cow;

use serde::Serialize;

/// A rule that a value breaks: the end of a sentence about it.
pub(crate) type Rule = Cow<'static, str>;

/// A value that breaks a rule, in RFC 9457's form (section 3, `errors`).
#[derive(Debug, Serialize, PartialEq)]
#[cfg_attr(test, derive(utoipa::ToSchema))]
pub(crate) struct Violation {
    /// A JSON pointer (RFC 6901) into the body, or `?name` for a query
    /// parameter.
    pub(crate) pointer: String,
    /// The rule that the value breaks: the end of a sentence about it.
    #[cfg_attr(test, schema(value_type = String))]
    pub(crate) detail: Rule,
}
