//! Holds the document's limits against what the parsers accept.

use std::{env, fs};

use serde_json::{Value, json};

use super::document;
use super::values::WHITE_SPACE;
use crate::auth::{Login, ProfileChanges, Registration};
use crate::input::fields::{Fields, FromFields};
use crate::model::Page;
use crate::model::batch::Batch;
use crate::model::page::Total;
use crate::model::since::Since;
use crate::model::task::{NewTask, TaskChanges};
use crate::problem::Kind;

/// The document that the functions serve.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.json");

/// A part of the document, by its JSON pointer.
fn part(pointer: &str) -> Value {
    let document: Value = serde_json::from_str(&document()).expect("it is JSON");
    let part = document.pointer(pointer);
    part.unwrap_or_else(|| panic!("{pointer} is not there"))
        .clone()
}

fn number(pointer: &str) -> usize {
    let number = part(pointer).as_u64().expect("it is a number");
    usize::try_from(number).expect("it is small")
}

fn accepts<T: FromFields>(body: &Value) -> bool {
    let fields = Fields::parse(body.to_string().as_bytes()).expect("it is an object");
    fields.into::<T>().is_ok()
}

/// Texts with the fewest and the most characters are accepted, and none with
/// one less or one more.
fn hold(schema: &str, is_accepted: impl Fn(String) -> bool) {
    let most = number(&format!("{schema}/maxLength"));
    assert!(is_accepted("é".repeat(most)), "{schema}: {most}");
    assert!(!is_accepted("é".repeat(most + 1)), "{schema}: {most} + 1");
    if part(schema).get("minLength").is_some() {
        let fewest = number(&format!("{schema}/minLength"));
        assert!(is_accepted("é".repeat(fewest)), "{schema}: {fewest}");
        assert!(
            !is_accepted("é".repeat(fewest - 1)),
            "{schema}: {fewest} - 1"
        );
    }
}

/// The same for whole numbers.
fn hold_range(schema: &str, is_accepted: impl Fn(&str) -> bool) {
    let range = part(&format!("{schema}/schema"));
    let bound = |name: &str| range[name].as_i64().expect("it is a number");
    let (fewest, most) = (bound("minimum"), bound("maximum"));
    for (number, expected) in [
        (fewest - 1, false),
        (fewest, true),
        (most, true),
        (most + 1, false),
    ] {
        assert_eq!(
            is_accepted(&number.to_string()),
            expected,
            "{schema}: {number}"
        );
    }
}

#[test]
fn the_file_is_the_document_that_the_types_make() {
    let found = fs::read_to_string(FILE).unwrap_or_default();
    if found == document() {
        return;
    }
    assert!(
        env::var_os("UPDATE").is_some(),
        "openapi.json differs from the types: run `UPDATE=1 cargo test -p shared openapi`"
    );
    fs::write(FILE, document()).expect("the file can be written");
}

#[test]
fn texts_of_tasks_have_the_parsers_limits() {
    let schemas = "/components/schemas";
    hold(&format!("{schemas}/Title"), |title| {
        accepts::<NewTask>(&json!({"title": title}))
    });
    hold(&format!("{schemas}/Description"), |description| {
        accepts::<TaskChanges>(&json!({"description": description}))
    });
}

#[test]
fn texts_of_accounts_have_the_parsers_limits() {
    let registration = "/components/schemas/Registration/properties";
    let account = |name: &str, password: &str| json!({"name": name, "email": "ada@example.com", "password": password});
    hold(&format!("{registration}/name"), |name| {
        accepts::<Registration>(&account(&name, "correct horse"))
    });
    hold(&format!("{registration}/password"), |password| {
        accepts::<Registration>(&account("Ada", &password))
    });
    // The parser counts the bytes of passwords that it only compares.
    let most = number("/components/schemas/Login/properties/password/maxLength");
    let longest = "🦀".repeat(most);
    assert!(accepts::<Login>(
        &json!({"email": "ada@example.com", "password": longest})
    ));
}

#[test]
fn parameters_have_the_parsers_limits() {
    let parameters = "/components/parameters";
    let page = |name: &str, value: &str| Page::parse([(name, value)], Total::Exact).is_ok();
    hold(&format!("{parameters}/Search/schema"), |text| {
        page("q", &text)
    });
    hold_range(&format!("{parameters}/Limit"), |limit| page("limit", limit));
    hold_range(&format!("{parameters}/Offset"), |offset| {
        page("offset", offset)
    });
    hold_range(&format!("{parameters}/ExportLimit"), |limit| {
        Page::of_everything([("limit", limit)]).is_ok()
    });
    hold_range(&format!("{parameters}/ChangesLimit"), |limit| {
        Since::parse([("limit", limit)]).is_ok()
    });
    for (name, schema) in [("sort", "Sort/schema"), ("status", "Status/schema/items")] {
        let values = part(&format!("{parameters}/{schema}/enum"));
        for value in values.as_array().expect("they are a list") {
            assert!(page(name, value.as_str().expect("it is text")), "{value}");
        }
    }
}

#[test]
fn a_batch_has_the_parsers_limits() {
    let operations = "/components/schemas/Batch/properties/operations";
    let operation = json!({"op": "create", "task": {"title": "t"}});
    let batch = |count: usize| accepts::<Batch>(&json!({"operations": vec![&operation; count]}));
    let (fewest, most) = (
        number(&format!("{operations}/minItems")),
        number(&format!("{operations}/maxItems")),
    );
    assert!(batch(fewest) && batch(most));
    assert!(!batch(fewest - 1) && !batch(most + 1));
}

#[test]
fn every_member_of_a_body_is_known_to_its_parser() {
    let members = |schema: &str| -> Vec<String> {
        let properties = part(&format!("/components/schemas/{schema}/properties"));
        let properties = properties.as_object().expect("it has members");
        properties.keys().cloned().collect()
    };
    let unknown = |body: Value, parse: fn(Fields) -> Vec<String>| {
        let fields = Fields::parse(body.to_string().as_bytes()).expect("it is an object");
        let violations = parse(fields);
        violations
            .into_iter()
            .find(|detail| detail == "is not known here.")
    };
    fn details<T: FromFields>(fields: Fields) -> Vec<String> {
        let violations = fields.into::<T>().err().unwrap_or_default();
        let details = violations.into_iter().map(|it| it.detail.into_owned());
        details.collect()
    }
    for (schema, parse) in [
        ("NewTask", details::<NewTask> as fn(Fields) -> Vec<String>),
        ("TaskChanges", details::<TaskChanges>),
        ("Registration", details::<Registration>),
        ("Login", details::<Login>),
        ("ProfileChanges/oneOf/1", details::<ProfileChanges>),
    ] {
        for member in members(schema) {
            let found = unknown(json!({&member: 1}), parse);
            assert_eq!(found, None, "{schema} has no {member}");
        }
    }
}

#[test]
fn white_space_is_that_of_the_parser() {
    let listed = |c: char| WHITE_SPACE.iter().any(|range| range.contains(&c));
    for c in '\0'..=char::MAX {
        assert_eq!(listed(c), c.is_whitespace(), "{c:?}");
    }
}

#[test]
fn every_kind_of_problem_has_a_schema_and_a_place() {
    let document = document();
    for kind in Kind::ALL {
        let only = part(&format!(
            "/components/schemas/{}Problem/properties/type/enum",
            super::problems::pascal(kind.name())
        ));
        assert_eq!(only, json!([kind.uri()]));
        let example = format!("\"type\": \"{}\"", kind.uri());
        assert!(document.contains(&example), "{kind:?} is nowhere answered");
    }
}
