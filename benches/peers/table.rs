//! The figures as tables.

use super::candidate::Candidate;
use super::figures::{Figures, of};
use super::measure::ENVIRONMENTS;
use super::operation::Operation;
use testing::measuring::statistics::{Spread, short};

pub fn table(operation: Operation, all: &[Figures]) -> String {
    let python = of(all, Candidate::Fastapi);
    let rows: String = all.iter().map(|figures| row(figures, python)).collect();
    format!(
        "**`{}`**\n\n\
         | | init ms | first request ms | cold ms | FastAPI takes | warm p50 ms | p95 | p99 | FastAPI takes \
         | CPU ms | requests/s ({ENVIRONMENTS} environments) | peak MB | zip MB | connections, round trips |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n{rows}",
        operation.describe(),
    )
}

fn row(figures: &Figures, python: &Figures) -> String {
    let is_function = figures.candidate.is_function();
    let has_database = figures.candidate != Candidate::Empty;
    let only = |shown: bool, text: String| if shown { text } else { "–".to_owned() };
    let warm = Spread::of(&figures.round_p50_ms);
    let (connections, turns) = figures.wire.warm;
    let cells = [
        figures.candidate.name().to_owned(),
        only(is_function, short(Spread::of(&figures.init_ms).median)),
        only(is_function, short(Spread::of(&figures.first_ms).median)),
        only(is_function, with_range(Spread::of(&figures.cold_ms()))),
        only(
            is_function,
            times(Spread::of_ratios(&python.cold_ms(), &figures.cold_ms())),
        ),
        with_range(Spread {
            median: figures.warm(0.5),
            ..warm
        }),
        short(figures.warm(0.95)),
        short(figures.warm(0.99)),
        times(Spread::of_ratios(
            &python.round_p50_ms,
            &figures.round_p50_ms,
        )),
        only(is_function, with_range(Spread::of(&figures.cpu_ms))),
        short(Spread::of(&figures.per_second).median),
        only(is_function, short(figures.peak_memory_mb)),
        only(is_function, short(figures.package_mb)),
        only(has_database, format!("{connections}, {turns}")),
    ];
    format!("| {} |\n", cells.join(" | "))
}

fn with_range(spread: Spread) -> String {
    let [p10, median, p90] = [spread.p10, spread.median, spread.p90].map(short);
    format!("{median} ({p10}–{p90})")
}

fn times(spread: Spread) -> String {
    let [p10, median, p90] = [spread.p10, spread.median, spread.p90].map(short);
    format!("{median}× ({p10}–{p90})")
}
