//! Checks that the binaries of `cargo lambda build --release` run in Lambda's image.
//! The tests on the built files are `#[ignore]`d, because a build takes
//! minutes; `.ci/run` builds, and runs them all:
//! `cargo test --test artifacts -- --include-ignored --nocapture`
//! With `EVERY_FUNCTION` set, a function that is not built is a failure.

mod mistakes;
mod needs;

use std::fs;
use std::path::Path;

use needs::Needs;
use toml::Table;

const MANIFEST: &str = include_str!("../../Cargo.toml");

/// The limit in bytes: a larger package takes longer to load at a cold start. Most
/// bytes are OpenSSL.
const MAX_ZIP: u64 = 5_000_000;

/// The package that one of the template's `CodeUri`s names.
struct Package {
    name: String,
    zipped: u64,
    bootstrap: Vec<u8>,
}

fn packages() -> Vec<Package> {
    let manifest: Table = MANIFEST.parse().expect("it is TOML");
    let binaries = manifest["bin"].as_array().expect("there are some");
    let names = binaries.iter().filter_map(|binary| binary["name"].as_str());
    let every_function = std::env::var_os("EVERY_FUNCTION").is_some();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lambda");
    let built: Vec<Package> = names
        .filter_map(|name| {
            let path = directory.join(name).join("bootstrap.zip");
            let zipped = match fs::metadata(&path) {
                Ok(metadata) => metadata.len(),
                Err(error) if every_function => panic!("{}: {error}", path.display()),
                Err(_) => return None,
            };
            let (bootstrap, mode) = testing::bootstrap(&path);
            assert_eq!(mode & 0o111, 0o111, "{name}");
            Some(Package {
                name: name.to_owned(),
                zipped,
                bootstrap,
            })
        })
        .collect();
    assert!(!built.is_empty(), "run `cargo lambda build --release`");
    built
}

#[test]
#[ignore = "needs `cargo lambda build --release`, which .ci/run runs first"]
fn every_binary_runs_on_amazon_linux_2023() {
    let mut report = String::new();
    for Package {
        name, bootstrap, ..
    } in packages()
    {
        let needs = Needs::of(&bootstrap).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            needs.newest_glibc().is_some(),
            "{name}: no version was read"
        );
        report += &needs.objections(&name);
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
#[ignore = "needs `cargo lambda build --release`, which .ci/run runs first"]
fn every_zip_is_small() {
    let mut large = Vec::new();
    println!("| function | bytes | zipped | glibc |\n|---|---:|---:|---|");
    for package in packages() {
        let Package { name, zipped, .. } = &package;
        let (major, minor) = Needs::of(&package.bootstrap)
            .ok()
            .and_then(|needs| needs.newest_glibc())
            .unwrap_or_default();
        let bytes = package.bootstrap.len();
        println!("| {name} | {bytes} | {zipped} | {major}.{minor} |");
        if *zipped > MAX_ZIP {
            large.push(package.name);
        }
    }
    assert!(large.is_empty(), "larger than {MAX_ZIP} bytes: {large:?}");
}
