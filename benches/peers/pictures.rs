//! The figures as pictures.

use std::path::Path;

use super::candidate::Candidate;
use super::figures::Figures;
use super::operation::Operation;
use testing::measuring::chart::{Bar, bars};
use testing::measuring::statistics::Spread;

/// The files and their titles.
pub const NAMES: [(&str, &str); 3] = [
    (
        "bench-cold.svg",
        "Cold start: init phase and first request, ms",
    ),
    ("bench-warm.svg", "Warm request, p50, ms"),
    ("bench-cpu.svg", "CPU of a warm request, ms"),
];

pub fn draw(directory: &Path, results: &[(Operation, Vec<Figures>)]) {
    let spreads: [fn(&Figures) -> Spread; 3] = [
        |figures| Spread::of(&figures.cold_ms()),
        |figures| Spread::of(&figures.round_p50_ms),
        |figures| Spread::of(&figures.cpu_ms),
    ];
    for ((file, title), spread) in NAMES.into_iter().zip(spreads) {
        // A bare statement has no process of its own.
        let is_shown = |candidate: Candidate| candidate.is_function() || file == "bench-warm.svg";
        let groups: Vec<(String, Vec<Bar>)> = results
            .iter()
            .map(|(operation, all)| {
                let shown = all.iter().filter(|figures| is_shown(figures.candidate));
                let bars = shown.map(|figures| bar(figures, spread(figures)));
                (operation.describe().to_owned(), bars.collect())
            })
            .collect();
        bars(&directory.join(file), title, &groups);
    }
}

fn bar(figures: &Figures, spread: Spread) -> Bar {
    let candidate = figures.candidate;
    let color = match candidate {
        Candidate::Empty | Candidate::Call | Candidate::Statement => 4,
        other => other as usize,
    };
    Bar {
        label: candidate.name().to_owned(),
        color,
        spread,
    }
}
