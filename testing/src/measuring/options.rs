//! The command line of a benchmark.

use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;

use super::document;

/// The options after `cargo bench --bench <name> --`.
#[derive(Debug, Default)]
pub struct Options {
    /// Fewer rounds.
    pub quick: bool,
    /// Limits the CPU of functions to the share of a Lambda of so many MB.
    pub cpu_share: Option<u32>,
    /// The delay between the functions and the pooler, each way.
    pub delay_ms: u64,
    /// The file for all figures.
    pub json: Option<PathBuf>,
    /// The directory for pictures.
    pub svg: Option<PathBuf>,
    /// Put the output into docs/measurements.md and the pictures into docs/images.
    pub write: bool,
}

const USAGE: &str =
    "options: --quick, --cpu-share MB, --delay MS, --json FILE, --svg DIRECTORY, --write";

impl Options {
    /// Reads the options of this process, and ends it when one is unknown.
    pub fn read() -> Self {
        Self::parse(std::env::args().skip(1)).unwrap_or_else(|| {
            eprintln!("{USAGE}");
            std::process::exit(2)
        })
    }

    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut options = Self::default();
        while let Some(word) = words.next() {
            match word.as_str() {
                // Cargo passes this to every benchmark.
                "--bench" => {}
                "--quick" => options.quick = true,
                "--write" => options.write = true,
                "--cpu-share" => options.cpu_share = Some(words.next()?.parse().ok()?),
                "--delay" => options.delay_ms = words.next()?.parse().ok()?,
                "--json" => options.json = Some(words.next()?.into()),
                "--svg" => options.svg = Some(words.next()?.into()),
                _ => return None,
            }
        }
        if options.write {
            let images = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/images");
            options.svg.get_or_insert_with(|| images.into());
        }
        Some(options)
    }

    /// Prints `text`, and writes it and `json` to the files of the options.
    /// `started` is the time after the builds.
    pub fn publish(&self, bench: &str, started: Instant, text: &str, json: &Value) {
        println!("{text}");
        eprintln!(
            "        {:.0} s without building",
            started.elapsed().as_secs_f64()
        );
        if let Some(file) = &self.json {
            fs::write(file, format!("{json:#}\n")).expect("the file can be written");
        }
        if self.write {
            document::write(bench, text);
        }
    }

    /// The command that repeats this run.
    pub fn command(bench: &str) -> String {
        let changes_nothing = |word: &String| ["--bench", "--write"].contains(&word.as_str());
        let words = std::env::args().skip(1);
        let words: Vec<String> = words.filter(|word| !changes_nothing(word)).collect();
        if words.is_empty() {
            format!("cargo bench --bench {bench}")
        } else {
            format!("cargo bench --bench {bench} -- {}", words.join(" "))
        }
    }
}
