//! A value that breaks a rule.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

/// A rule that a value breaks: the end of a sentence about it.
pub(crate) type Rule = Cow<'static, str>;

/// A value that breaks a rule, in RFC 9457's form (section 3, `errors`).
#[derive(Debug, Serialize, PartialEq, ToSchema)]
pub(crate) struct Violation {
    /// A JSON pointer (RFC 6901) into the body, or `?name` for a query
    /// parameter.
    pub(crate) pointer: String,
    /// The rule that the value breaks: the end of a sentence about it.
    #[schema(value_type = String)]
    pub(crate) detail: Rule,
}
