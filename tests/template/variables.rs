//! `.env.example` has the variables that the source reads.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The text in front of a variable's name where the source reads one.
const READERS: [&str; 5] = [
    "environment(\"",
    "long_secret(\"",
    "variable(\"",
    "required(&environment, \"",
    "required(variable, \"",
];

#[test]
fn the_example_names_every_variable_that_is_read_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut read = BTreeSet::new();
    for directory in ["shared/src", "functions"] {
        collect_read(&root.join(directory), &mut read);
    }
    let example = fs::read_to_string(root.join(".env.example")).expect("it can be read");
    let named: BTreeSet<String> = example
        .lines()
        .filter_map(|line| {
            let (name, _) = line.trim_start_matches("# ").split_once("='")?;
            Some(name.to_owned())
        })
        .collect();
    assert_eq!(
        named, read,
        "the names in .env.example, and those in the source"
    );
}

fn collect_read(directory: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).expect("the directory is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            collect_read(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("it is UTF-8");
            // Tests read names that do not exist.
            let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            for reader in READERS {
                let places = text.split(reader).skip(1);
                names.extend(places.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
            }
        }
    }
}
