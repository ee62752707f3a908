//! The regions of docs/measurements.md that benchmarks write.

use std::fs;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/measurements.md");

/// Puts `text` between the marks of this benchmark.
pub fn write(bench: &str, text: &str) {
    let document = fs::read_to_string(DOCUMENT).expect("docs/measurements.md is there");
    let begin = format!("<!-- cargo bench --bench {bench} -->\n");
    let end = format!("<!-- end of {bench} -->\n");
    let (before, rest) = document.split_once(&begin).expect("it has the first mark");
    let (_, after) = rest.split_once(&end).expect("it has the second mark");
    let document = format!("{before}{begin}\n{}\n\n{end}{after}", text.trim());
    fs::write(DOCUMENT, document).expect("docs/measurements.md can be written");
}
