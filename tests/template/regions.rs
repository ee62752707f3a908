//! Text that follows from the routes of the template and stands in other files
//! as well, between two marks: `UPDATE=1 cargo test --test template` writes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use testing::gateway::Route;

use crate::template::Template;

/// The text between `begin` and `end` in `file` is `wanted`, or becomes it.
#[track_caller]
pub fn hold(file: &str, begin: &str, end: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (before, found, after) =
        between(&text, begin, end).unwrap_or_else(|| panic!("{file} has no {begin:?} and {end:?}"));
    if found == wanted {
        return;
    }
    assert!(
        std::env::var_os("UPDATE").is_some(),
        "{file} differs from template.yaml: run `UPDATE=1 cargo test --test template`"
    );
    fs::write(&path, format!("{before}{wanted}{after}"))
        .unwrap_or_else(|error| panic!("{file}: {error}"));
}

/// The text before the region, in it, and after it.
pub fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let from = text.find(begin)? + begin.len();
    let to = from + text[from..].find(end)?;
    Some((&text[..from], &text[from..to], &text[to..]))
}

/// The routes as `cargo lambda watch` reads them.
pub fn router(template: &Template) -> String {
    let mut paths: Vec<(String, Vec<Route>)> = Vec::new();
    for (_, route) in template.routes() {
        match paths.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, routes)) => routes.push(route),
            None => paths.push((route.path.clone(), vec![route])),
        }
    }
    let entry =
        |Route {
             method, function, ..
         }: &Route| { format!("{{ function = \"{function}\", method = \"{method}\" }}") };
    paths
        .iter()
        .map(|(path, routes)| match &routes[..] {
            [route] => format!("\"{path}\" = [{}]\n", entry(route)),
            routes => {
                let lines = routes
                    .iter()
                    .map(|route| format!("    {},\n", entry(route)));
                format!("\"{path}\" = [\n{}]\n", lines.collect::<String>())
            }
        })
        .collect()
}

/// The rows of the README's table, whose last column is written by hand.
pub fn table(template: &Template, found: &str) -> String {
    let cells = |row: &str| -> Option<(String, String)> {
        let mut cells = row.strip_prefix("| ")?.strip_suffix(" |")?.splitn(4, " | ");
        let (methods, path) = (cells.next()?, cells.next()?);
        Some((format!("{methods} {path}"), cells.nth(1)?.to_owned()))
    };
    let known: BTreeMap<String, String> = found.lines().filter_map(cells).collect();
    let mut rows: Vec<(Vec<String>, Route)> = Vec::new();
    for (_, route) in template.routes() {
        if route.path.starts_with("/api/{user_id}") {
            continue;
        }
        let same = |row: &&mut (Vec<String>, Route)| {
            row.1.path == route.path && row.1.function == route.function
        };
        match rows.iter_mut().find(same) {
            Some((methods, _)) => methods.push(route.method),
            None => rows.push((vec![route.method.clone()], route)),
        }
    }
    rows.iter()
        .map(|(methods, Route { path, function, .. })| {
            let methods = methods.join(", ");
            let success = known.get(&format!("{methods} `{path}`"));
            let success = success.map_or("say here what it answers", String::as_str);
            format!("| {methods} | `{path}` | {function} | {success} |\n")
        })
        .collect()
}
