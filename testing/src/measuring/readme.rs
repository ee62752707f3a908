//! The section "Measured" of README.md, which benchmarks write.

use std::fs;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
const HEADING: &str = "## Measured\n";

/// Puts `text` between the marks of this benchmark. Without marks, `text` goes to
/// the end of the section, and a missing section in front of `## Checks`.
pub fn write(bench: &str, text: &str) {
    let readme = fs::read_to_string(README).expect("README.md is there");
    fs::write(README, insert(&readme, bench, text)).expect("README.md can be written");
}

fn insert(readme: &str, bench: &str, text: &str) -> String {
    let begin = format!("<!-- cargo bench --bench {bench} -->\n");
    let end = format!("<!-- end of {bench} -->\n");
    let block = format!("{begin}\n{}\n\n{end}", text.trim());
    if let Some((before, rest)) = readme.split_once(&begin)
        && let Some((_, after)) = rest.split_once(&end)
    {
        return format!("{before}{block}{after}");
    }
    if let Some((before, section)) = readme.split_once(HEADING) {
        let (section, after) = match section.find("\n## ") {
            Some(at) => section.split_at(at),
            None => (section, ""),
        };
        return format!("{before}{HEADING}{}\n\n{block}{after}", section.trim_end());
    }
    let at = readme.find("## Checks\n").unwrap_or(readme.len());
    let (before, after) = readme.split_at(at);
    format!("{before}{HEADING}\n{block}\n{after}")
}
