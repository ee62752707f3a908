//! The members of a JSON object, taken one by one, with every broken rule
//! collected: whoever sends three mistakes is told of three.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A rule that a value breaks: the end of a sentence about it.
pub(crate) type Rule = Cow<'static, str>;

/// A value that breaks a rule, in RFC 9457's form (section 3, `errors`).
#[derive(Debug, Serialize, PartialEq)]
pub(crate) struct Violation {
    /// A JSON pointer (RFC 6901) into the body, or `?name` for a query
    /// parameter.
    pub(crate) pointer: String,
    pub(crate) detail: Rule,
}

/// What can be read from a JSON object.
pub trait FromFields: Sized {
    /// Takes the members it knows; `None` when one of them breaks a rule.
    fn from_fields(fields: &mut Fields) -> Option<Self>;
}

/// The members that are not taken yet, and the rules broken so far.
pub struct Fields {
    members: BTreeMap<String, Value>,
    violations: Vec<Violation>,
}

impl Fields {
    /// Reads `bytes` as one JSON object.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let Members(members) = serde_json::from_slice(bytes)?;
        Ok(Self {
            members,
            violations: Vec::new(),
        })
    }

    /// Reads all of `T`; a member that is left over breaks a rule, too.
    pub(crate) fn into<T: FromFields>(mut self) -> Result<T, Vec<Violation>> {
        let value = T::from_fields(&mut self);
        for name in std::mem::take(&mut self.members).into_keys() {
            self.violate(&name, "is not known here.".into());
        }
        match value {
            Some(value) if self.violations.is_empty() => Ok(value),
            _ => Err(self.violations),
        }
    }

    /// A member that has to be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&Value) -> Result<T, Rule>,
    ) -> Option<T> {
        if !self.members.contains_key(name) {
            self.violate(name, "is required.".into());
            return None;
        }
        self.optional(name, parse)?
    }

    /// A member that may be absent but not null. The outer `None` stands for
    /// a broken rule.
    pub(crate) fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&Value) -> Result<T, Rule>,
    ) -> Option<Option<T>> {
        self.nullable(name, |value| match value {
            Value::Null => Err("must not be null.".into()),
            value => parse(value),
        })
    }

    /// A member that may be absent, and whose `parse` knows null. The outer
    /// `None` stands for a broken rule.
    pub(crate) fn nullable<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&Value) -> Result<T, Rule>,
    ) -> Option<Option<T>> {
        match self.members.remove(name).map(|value| parse(&value)) {
            None => Some(None),
            Some(Ok(value)) => Some(Some(value)),
            Some(Err(rule)) => {
                self.violate(name, rule);
                None
            }
        }
    }

    /// Passes over a member that the server decides.
    pub(crate) fn ignore(&mut self, name: &str) {
        self.members.remove(name);
    }

    pub(crate) fn violate(&mut self, name: &str, detail: Rule) {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        self.violations.push(Violation {
            pointer: format!("/{escaped}"),
            detail,
        });
    }
}

/// A string without NUL, which PostgreSQL cannot store.
pub(crate) fn text(value: &Value) -> Result<&str, Rule> {
    match value.as_str() {
        None => Err("must be a string.".into()),
        Some(text) if text.contains('\0') => Err("must not contain the character NUL.".into()),
        Some(text) => Ok(text),
    }
}

/// A string of `min` to `max` characters (Unicode scalar values, not bytes)
/// after the white space around it is gone.
pub(crate) fn trimmed(value: &Value, min: usize, max: usize) -> Result<String, Rule> {
    let text = text(value)?.trim();
    match text.chars().count() {
        0 if min > 0 => Err("must not be blank.".into()),
        chars if (min..=max).contains(&chars) => Ok(text.to_owned()),
        _ => Err(format!("must have {min} to {max} characters.").into()),
    }
}

/// The members of an object, each name once: of two, readers disagree which
/// counts (RFC 8259 section 4).
struct Members(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(Members(members))
    }
}
