//! Several changes that are made together or not at all.

use std::collections::HashSet;

use serde_json::Value;
use uuid::Uuid;

use crate::input::fields::{Fields, FromFields, text};
use crate::model::task::{NewTask, TaskChanges, parse_id};
use crate::problem::Rule;

/// More would not be one quick transaction any more.
pub(crate) const MAX_OPERATIONS: usize = 100;

/// 1 to 100 operations, done in their order.
pub struct Batch {
    pub(crate) operations: Vec<Operation>,
}

/// One change of a batch.
pub(crate) enum Operation {
    Create(NewTask),
    Update(Target, TaskChanges),
    Toggle(Target),
    Delete(Target),
}

/// The task that is changed, at any version or at the one that is named.
#[derive(Debug, PartialEq)]
pub(crate) struct Target {
    pub(crate) id: Uuid,
    pub(crate) version: Option<i32>,
}

impl FromFields for Batch {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let operations: Vec<Operation> = fields.list("operations", MAX_OPERATIONS)?;
        for place in changed_in_vain(&operations) {
            let rule = "is the id of a task that a later operation deletes: leave this one out.";
            fields.violate_element("operations", place, "id", rule.into());
        }
        Some(Self { operations })
    }
}

/// The places of the operations that change a task which a later one deletes.
/// Their answer would be lost with the task, so a batch with one of them could
/// not be replayed under its key.
fn changed_in_vain(operations: &[Operation]) -> Vec<usize> {
    let mut deleted = HashSet::new();
    let mut places = Vec::new();
    for (place, operation) in operations.iter().enumerate().rev() {
        match operation {
            Operation::Delete(target) => {
                deleted.insert(target.id);
            }
            Operation::Update(target, _) | Operation::Toggle(target) => {
                places.extend(deleted.contains(&target.id).then_some(place));
            }
            Operation::Create(_) => {}
        }
    }
    places.reverse();
    places
}

impl FromFields for Operation {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let Some(kind) = fields.required("op", kind) else {
            // Nobody knows which of these it may have.
            for name in ["id", "version", "task", "changes"] {
                fields.ignore(name);
            }
            return None;
        };
        match kind {
            Kind::Create => fields.object("task").map(Self::Create),
            Kind::Update => {
                let target = Target::from_fields(fields);
                let changes = fields.object("changes");
                Some(Self::Update(target?, changes?))
            }
            Kind::Toggle => Target::from_fields(fields).map(Self::Toggle),
            Kind::Delete => Target::from_fields(fields).map(Self::Delete),
        }
    }
}

impl FromFields for Target {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let id = fields.required("id", |value| parse_id(text(value)?));
        let version = fields.optional("version", version);
        Some(Self {
            id: id?,
            version: version?,
        })
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Create,
    Update,
    Toggle,
    Delete,
}

fn kind(value: &Value) -> Result<Kind, Rule> {
    match value.as_str() {
        Some("create") => Ok(Kind::Create),
        Some("update") => Ok(Kind::Update),
        Some("toggle") => Ok(Kind::Toggle),
        Some("delete") => Ok(Kind::Delete),
        _ => Err("must be one of create, update, toggle, delete.".into()),
    }
}

/// To JSON, 3.0 is the same number as 3.
fn version(value: &Value) -> Result<i32, Rule> {
    let whole = |number: &f64| number.fract() == 0.0 && *number <= f64::from(i32::MAX);
    value
        .as_f64()
        .filter(whole)
        .map(|number| number as i32)
        .filter(|number| *number >= 1)
        .ok_or_else(|| "must be a whole number from 1 on.".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(json: &str) -> Vec<String> {
        let fields = Fields::parse(json.as_bytes()).expect("it is an object");
        match fields.into::<Batch>() {
            Ok(_) => Vec::new(),
            Err(violations) => violations
                .into_iter()
                .map(|it| format!("{} {}", it.pointer, it.detail))
                .collect(),
        }
    }

    #[test]
    fn every_broken_rule_is_named_by_its_place() {
        let found = violations(
            r#"{"operations": [
                {"op": "create", "task": {"title": " ", "colour": "red"}},
                {"op": "update", "id": "1", "version": 0, "changes": {"status": null}},
                {"op": "toggle", "id": "019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70", "task": {}},
                {"op": "delete"},
                {"op": "update", "id": "019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70", "changes": []},
                {"op": "archive", "id": "1"},
                7
            ]}"#,
        );
        assert_eq!(
            found,
            [
                "/operations/0/task/title must not be blank.",
                "/operations/0/task/colour is not known here.",
                "/operations/1/id must be a UUID such as 019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70.",
                "/operations/1/version must be a whole number from 1 on.",
                "/operations/1/changes/status must not be null.",
                "/operations/2/task is not known here.",
                "/operations/3/id is required.",
                "/operations/4/changes must be an object.",
                "/operations/5/op must be one of create, update, toggle, delete.",
                "/operations/6 must be an object.",
            ]
        );
    }

    #[test]
    fn a_change_of_a_task_that_is_deleted_later_is_named() {
        let id = "019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e70";
        let other = "019365c0-7b5a-7cc1-8d3e-2f6a4b1c9e71";
        let found = violations(&format!(
            r#"{{"operations": [
                {{"op": "update", "id": "{id}", "changes": {{}}}},
                {{"op": "toggle", "id": "{other}"}},
                {{"op": "toggle", "id": "{id}"}},
                {{"op": "delete", "id": "{id}"}},
                {{"op": "toggle", "id": "{id}"}}
            ]}}"#
        ));
        let rule = "is the id of a task that a later operation deletes: leave this one out.";
        let named = [0, 2].map(|place| format!("/operations/{place}/id {rule}"));
        assert_eq!(found, named);
    }

    #[test]
    fn a_version_is_a_whole_number_however_it_is_written() {
        assert_eq!(version(&3.into()), Ok(3));
        assert_eq!(version(&3.0.into()), Ok(3));
        assert_eq!(version(&i32::MAX.into()), Ok(i32::MAX));
        for bad in [0.0, -1.0, 2.5, 2_147_483_648.0, 1e300] {
            assert!(version(&bad.into()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_batch_has_1_to_100_operations() {
        let of = |count: usize| {
            let operation = r#"{"op": "create", "task": {"title": "t"}}"#;
            violations(&format!(
                r#"{{"operations": [{}]}}"#,
                vec![operation; count].join(",")
            ))
        };
        assert_eq!(of(0), ["/operations must have 1 to 100 elements."]);
        assert!(of(1).is_empty() && of(100).is_empty());
        assert_eq!(of(101), ["/operations must have 1 to 100 elements."]);
        assert_eq!(
            violations(r#"{"operations": {}}"#),
            ["/operations must be a list."]
        );
        assert_eq!(violations("{}"), ["/operations is required."]);
    }
}
