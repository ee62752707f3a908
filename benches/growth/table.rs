//! The costs as tables.

use super::Costs;
use super::requests::NAMES;
use testing::measuring::statistics::short;

/// The conditions of the measurement, and the expectations.
pub fn conditions(rounds: usize) -> String {
    format!(
        "Medians in milliseconds of {rounds} warm requests each, in turn, with the 10th and the 90th percentile in parentheses; pages of 50 behind cursors, without a total.\n\
         What an index finds in its order (get, create, a page by creation or by due date at any depth) grows with the depth of that index and no more.\n\
         A total visits each of the user's entries in an index; a search, a page by title and a page by the time of the last change read each of the user's tasks: these grow with what the user has, and not with what others have.\n\
         The search finds nothing here, which is its dearest case."
    )
}

pub fn table(of: &str, costs: &[Costs]) -> String {
    let sizes: Vec<String> = costs.iter().map(|costs| costs.tasks.to_string()).collect();
    let rows: String = (0..NAMES.len()).map(|index| row(index, costs)).collect();
    format!(
        "| {of} | {} | last / first |\n|---|{}--:|\n{rows}",
        sizes.join(" | "),
        "--:|".repeat(sizes.len()),
    )
}

fn row(index: usize, costs: &[Costs]) -> String {
    let spreads: Vec<_> = costs.iter().map(|costs| costs.spreads[index]).collect();
    let cells: Vec<String> = spreads
        .iter()
        .map(|it| format!("{} ({}–{})", short(it.median), short(it.p10), short(it.p90)))
        .collect();
    let ends = spreads.first().zip(spreads.last());
    let growth = ends.map_or(f64::NAN, |(first, last)| last.median / first.median);
    format!(
        "| {} | {} | {growth:.2} |\n",
        NAMES[index],
        cells.join(" | ")
    )
}
