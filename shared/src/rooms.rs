//! The order of the rooms, which lib.rs's map gives.

use std::fs;
use std::path::{Path, PathBuf};

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// Modules that only tests have; they may use everything.
const OF_TESTS: [&str; 2] = ["fuzz", "rooms"];

/// The rooms in the order of the map.
fn rooms() -> Vec<String> {
    let map = fs::read_to_string(format!("{SOURCES}/lib.rs")).expect("lib.rs can be read");
    let row = |line: &str| Some(line.strip_prefix("//! | `")?.split_once('`')?.0.to_owned());
    map.lines().filter_map(row).collect()
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).expect("the directory can be read");
    let paths = entries.map(|entry| entry.expect("the entry can be read").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => files_below(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .collect()
}

/// The room that a file belongs to; `None` for lib.rs.
fn room_of(file: &Path) -> Option<String> {
    let within = file.strip_prefix(SOURCES).expect("it is a source");
    let first = within.iter().next().expect("it has a name");
    let name = first.to_string_lossy().trim_end_matches(".rs").to_owned();
    (name != "lib").then_some(name)
}

/// The rooms that a text names as `crate::<room>`.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let end = |rest: &str| rest.find(|c: char| !c.is_alphanumeric() && c != '_');
    text.split("crate::")
        .skip(1)
        .map(move |rest| &rest[..end(rest).unwrap_or(rest.len())])
}

#[test]
fn a_room_uses_only_those_below_it() {
    let rooms = rooms();
    let place = |name: &str| rooms.iter().position(|room| room == name);
    let mut arrows_up = Vec::new();
    for file in files_below(Path::new(SOURCES)) {
        let Some(room) = room_of(&file).filter(|room| !OF_TESTS.contains(&room.as_str())) else {
            continue;
        };
        let from = place(&room).unwrap_or_else(|| panic!("lib.rs's map lacks the room {room}"));
        let text = fs::read_to_string(&file).expect("a source can be read");
        for (line, text) in text.lines().enumerate() {
            let up = named(text)
                .filter(|name| *name != room && !OF_TESTS.contains(name))
                .filter(|name| place(name).is_none_or(|to| to < from));
            arrows_up.extend(
                up.map(|name| format!("{}:{}: {room} uses {name}", file.display(), line + 1)),
            );
        }
    }
    assert!(arrows_up.is_empty(), "{}", arrows_up.join("\n"));
}
