//! Checks that the binaries of `cargo lambda build --release` run in Lambda's image.
//! The tests on the built files are `#[ignore]`d, because a build takes
//! minutes; `.ci/run` builds, and runs them all:
//! `cargo test --test artifacts -- --include-ignored --nocapture`
//! With `EVERY_FUNCTION` set, a function that is not built is a failure.

mod mistakes;
mod needs;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use needs::Needs;
use toml::Table;

const MANIFEST: &str = include_str!("../../Cargo.toml");

/// The limit in bytes: a larger package takes longer to load at a cold start. Most
/// bytes are OpenSSL, and AWS-LC in functions that verify tokens.
const MAX_ZIP: usize = 5_000_000;

/// The files that the template's `CodeUri`s name.
fn artifacts() -> Vec<(String, Vec<u8>)> {
    let manifest: Table = MANIFEST.parse().expect("it is TOML");
    let binaries = manifest["bin"].as_array().expect("there are some");
    let names = binaries.iter().filter_map(|binary| binary["name"].as_str());
    let every_function = std::env::var_os("EVERY_FUNCTION").is_some();
    let built: Vec<(String, Vec<u8>)> = names
        .filter_map(|name| {
            let file: PathBuf = [
                env!("CARGO_MANIFEST_DIR"),
                "target",
                "lambda",
                name,
                "bootstrap",
            ]
            .iter()
            .collect();
            match fs::read(&file) {
                Ok(bytes) => Some((name.to_owned(), bytes)),
                Err(error) if every_function => panic!("{}: {error}", file.display()),
                Err(_) => None,
            }
        })
        .collect();
    assert!(!built.is_empty(), "run `cargo lambda build --release`");
    built
}

#[test]
#[ignore = "needs `cargo lambda build --release`, which .ci/run runs first"]
fn every_binary_runs_on_amazon_linux_2023() {
    let mut report = String::new();
    for (name, bytes) in artifacts() {
        let needs = Needs::of(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
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
    for (name, bytes) in artifacts() {
        let zipped = zipped(&bytes);
        let (major, minor) = Needs::of(&bytes)
            .ok()
            .and_then(|needs| needs.newest_glibc())
            .unwrap_or_default();
        println!("| {name} | {} | {zipped} | {major}.{minor} |", bytes.len());
        if zipped > MAX_ZIP {
            large.push(name);
        }
    }
    assert!(large.is_empty(), "larger than {MAX_ZIP} bytes: {large:?}");
}

/// Compresses at zlib's default level, as SAM does.
fn zipped(bytes: &[u8]) -> usize {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("a Vec takes all bytes");
    encoder.finish().expect("a Vec takes all bytes").len()
}
