//! The members of a JSON object, taken one by one, with every broken rule
//! collected: whoever sends three mistakes is told of three.

use std::collections::BTreeMap;

use crate::problem::{Rule, Violation};
use serde_json::Value;

use super::unique_names::UniqueNames;

/// A type that can be read from a JSON object.
pub trait FromFields: Sized {
    /// Takes the members it knows; `None` when one of them breaks a rule.
    fn from_fields(fields: &mut Fields) -> Option<Self>;
}

/// The members that are not taken yet, and the rules broken so far.
pub struct Fields {
    /// The JSON pointer of the object.
    place: String,
    members: BTreeMap<String, Value>,
    violations: Vec<Violation>,
}

impl Fields {
    /// Reads `bytes` as one JSON object.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        let UniqueNames(members) = serde_json::from_slice(bytes)?;
        Ok(Self {
            place: String::new(),
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

    /// A member that has to be an object.
    pub(crate) fn object<T: FromFields>(&mut self, name: &str) -> Option<T> {
        let object = self.required(name, |value| Ok(value.clone()))?;
        self.within(&self.pointer(name), object)
    }

    /// A member that has to be a list of 1 to `max` objects.
    pub(crate) fn list<T: FromFields>(&mut self, name: &str, max: usize) -> Option<Vec<T>> {
        let objects = self.required(name, |value| match value {
            Value::Array(objects) if (1..=max).contains(&objects.len()) => Ok(objects.clone()),
            Value::Array(_) => Err(format!("must have 1 to {max} elements.").into()),
            _ => Err("must be a list.".into()),
        })?;
        let place = self.pointer(name);
        let read: Vec<Option<T>> = objects
            .into_iter()
            .enumerate()
            .map(|(index, object)| self.within(&format!("{place}/{index}"), object))
            .collect();
        read.into_iter().collect()
    }

    /// Reads all of `T` from an object at `place`.
    fn within<T: FromFields>(&mut self, place: &str, object: Value) -> Option<T> {
        let Value::Object(members) = object else {
            self.violations.push(Violation {
                pointer: place.to_owned(),
                detail: "must be an object.".into(),
            });
            return None;
        };
        let fields = Self {
            place: place.to_owned(),
            members: members.into_iter().collect(),
            violations: Vec::new(),
        };
        fields
            .into()
            .map_err(|violations| self.violations.extend(violations))
            .ok()
    }

    /// Passes over a member that the server decides.
    pub(crate) fn ignore(&mut self, name: &str) {
        self.members.remove(name);
    }

    pub(crate) fn violate(&mut self, name: &str, detail: Rule) {
        self.violations.push(Violation {
            pointer: self.pointer(name),
            detail,
        });
    }

    /// The same for a member of an element of the list `list`.
    pub(crate) fn violate_element(&mut self, list: &str, place: usize, name: &str, detail: Rule) {
        let pointer = format!("{}/{place}/{name}", self.pointer(list));
        self.violations.push(Violation { pointer, detail });
    }

    fn pointer(&self, name: &str) -> String {
        let escaped = name.replace('~', "~0").replace('/', "~1");
        format!("{}/{escaped}", self.place)
    }
}

pub(crate) fn boolean(value: &Value) -> Result<bool, Rule> {
    let value = value.as_bool();
    value.ok_or_else(|| "must be true or false.".into())
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
