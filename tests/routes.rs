//! The lists of routes and functions in several files are the same.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use testing::gateway::Routes;
use toml::Table;

const MANIFEST: &str = include_str!("../Cargo.toml");
const DOCUMENT: &str = include_str!("../openapi.json");

/// Programs that serve no route.
const WITHOUT_ROUTE: [&str; 2] = ["journey", "migrate"];

fn routes() -> Routes {
    Routes::from_manifest(MANIFEST).expect("the manifest has the routes")
}

/// The names and paths of the `[[bin]]`s.
fn binaries() -> Vec<(String, String)> {
    let manifest: Table = MANIFEST.parse().expect("it is TOML");
    let binaries = manifest["bin"].as_array().expect("there are some");
    let text = |value: &toml::Value| value.as_str().expect("it is a string").to_owned();
    binaries
        .iter()
        .map(|binary| (text(&binary["name"]), text(&binary["path"])))
        .collect()
}

#[test]
fn every_binary_has_a_route_and_every_route_a_binary() {
    let binaries: BTreeSet<String> = binaries().into_iter().map(|(name, _)| name).collect();
    let routed: BTreeSet<String> = routes()
        .iter()
        .map(|route| route.function.clone())
        .collect();
    let without: BTreeSet<String> = WITHOUT_ROUTE.map(str::to_owned).into();
    assert_eq!(
        routed,
        &binaries - &without,
        "the router and the [[bin]] list of Cargo.toml differ"
    );
}

#[test]
fn every_file_in_functions_is_a_binary_of_its_name() {
    let files: BTreeSet<String> = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/functions"))
        .expect("the directory is there")
        .map(|entry| entry.expect("it can be read"))
        // Directories have parts of binaries.
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> = binaries()
        .into_iter()
        .map(|(name, path)| {
            let file = format!("{}.rs", name.replace('-', "_"));
            assert_eq!(path, format!("functions/{file}"));
            file
        })
        .collect();
    assert_eq!(files, listed);
}

#[test]
fn both_route_families_have_the_same_operations() {
    let family = |base: &str| -> BTreeSet<(String, String, String)> {
        routes()
            .iter()
            .filter_map(|route| {
                let rest = route.path.strip_prefix(base)?;
                Some((
                    route.method.clone(),
                    rest.to_owned(),
                    route.function.clone(),
                ))
            })
            .collect()
    };
    assert_eq!(family("/api/v1/tasks"), family("/api/{user_id}/tasks"));
    assert_eq!(family("/api/v1/tasks").len(), 11);
}

#[test]
fn the_document_has_every_route_and_no_other() {
    let described: BTreeSet<String> = document_operations()
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    let routed: BTreeSet<String> = routes().iter().map(|route| route.key()).collect();
    let missing: Vec<&String> = routed.difference(&described).collect();
    let too_many: Vec<&String> = described.difference(&routed).collect();
    assert!(
        missing.is_empty() && too_many.is_empty(),
        "shared/src/openapi lacks {missing:?} of the router in Cargo.toml, \
         and has {too_many:?} besides"
    );
}

/// Generated clients name their functions after the operations.
#[test]
fn every_operation_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for (key, operation) in document_operations() {
        let name = operation["operationId"].as_str().expect("it has a name");
        let is_camel_case =
            name.starts_with(char::is_lowercase) && name.chars().all(char::is_alphanumeric);
        assert!(is_camel_case, "{key} is {name}");
        assert!(names.insert(name.to_owned()), "{key} is {name} once more");
        for text in ["summary", "description"] {
            let text = operation[text].as_str();
            assert!(text.is_some_and(|text| !text.is_empty()), "{key}: {text:?}");
        }
    }
}

/// The operations of the document by `GET /path`.
fn document_operations() -> Vec<(String, Value)> {
    let document: Value = serde_json::from_str(DOCUMENT).expect("it is JSON");
    let paths = document["paths"].as_object().expect("there are paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let operations = item.as_object().expect("a path has operations");
            operations.iter().map(move |(method, operation)| {
                (
                    format!("{} {path}", method.to_uppercase()),
                    operation.clone(),
                )
            })
        })
        .collect()
}
