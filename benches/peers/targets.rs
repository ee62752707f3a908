//! The targets of this service.

use super::candidate::Candidate;
use super::figures::{Figures, of};
use super::operation::Operation;
use testing::measuring::statistics::{Spread, short};

/// A figure with a limit.
struct Target {
    text: &'static str,
    limit: Limit,
    figure: fn(&[Figures]) -> f64,
}

enum Limit {
    AtLeast(f64),
    AtMost(f64),
    Exactly(f64),
}

const TARGETS: [Target; 8] = [
    Target {
        text: "cold start: FastAPI takes 30 times as long or more",
        limit: Limit::AtLeast(30.0),
        figure: |all| {
            let (ours, python) = (of(all, Candidate::Ours), of(all, Candidate::Fastapi));
            Spread::of_ratios(&python.cold_ms(), &ours.cold_ms()).median
        },
    },
    Target {
        text: "warm p50: FastAPI takes 30 times as long or more",
        limit: Limit::AtLeast(30.0),
        figure: |all| {
            let (ours, python) = (of(all, Candidate::Ours), of(all, Candidate::Fastapi));
            Spread::of_ratios(&python.round_p50_ms, &ours.round_p50_ms).median
        },
    },
    Target {
        text: "CPU of a warm request: at most 0.25 ms",
        limit: Limit::AtMost(0.25),
        figure: |all| Spread::of(&of(all, Candidate::Ours).cpu_ms).median,
    },
    Target {
        text: "warm p50: at most 1.5 times a bare call and an empty function together",
        limit: Limit::AtMost(1.5),
        figure: |all| {
            let [call, empty] = [Candidate::Call, Candidate::Empty]
                .map(|candidate| &of(all, candidate).round_p50_ms);
            let least: Vec<f64> = call
                .iter()
                .zip(empty)
                .map(|(call, empty)| call + empty)
                .collect();
            Spread::of_ratios(&of(all, Candidate::Ours).round_p50_ms, &least).median
        },
    },
    Target {
        text: "peak memory: at most 14 MB",
        limit: Limit::AtMost(14.0),
        figure: |all| of(all, Candidate::Ours).peak_memory_mb,
    },
    Target {
        text: "zip: at most 4 MB",
        limit: Limit::AtMost(4.0),
        figure: |all| of(all, Candidate::Ours).package_mb,
    },
    Target {
        text: "network round trips of a warm request: 1",
        limit: Limit::Exactly(1.0),
        figure: |all| of(all, Candidate::Ours).wire.warm.1 as f64,
    },
    Target {
        text: "connections that a warm request opens: 0",
        limit: Limit::Exactly(0.0),
        figure: |all| of(all, Candidate::Ours).wire.warm.0 as f64,
    },
];

/// A table of all targets and operations.
pub fn table(results: &[(Operation, Vec<Figures>)]) -> String {
    let names: Vec<&str> = results
        .iter()
        .map(|(operation, _)| operation.name())
        .collect();
    let rows: String = TARGETS.iter().map(|target| target.row(results)).collect();
    format!(
        "| target | {} | met |\n|---|{}---|\n{rows}",
        names.join(" | "),
        "--:|".repeat(names.len())
    )
}

impl Target {
    fn row(&self, results: &[(Operation, Vec<Figures>)]) -> String {
        let figures: Vec<f64> = results.iter().map(|(_, all)| (self.figure)(all)).collect();
        let missed = results
            .iter()
            .zip(&figures)
            .filter(|(_, it)| !self.is_met(**it));
        let missed: Vec<&str> = missed.map(|((operation, _), _)| operation.name()).collect();
        let met = match missed.as_slice() {
            [] => "yes".to_owned(),
            missed => format!("not by {}", missed.join(", ")),
        };
        let figures: Vec<String> = figures.into_iter().map(|it| self.show(it)).collect();
        format!("| {} | {} | {met} |\n", self.text, figures.join(" | "))
    }

    fn is_met(&self, figure: f64) -> bool {
        match self.limit {
            Limit::AtLeast(limit) => figure >= limit,
            Limit::AtMost(limit) => figure <= limit,
            Limit::Exactly(limit) => figure == limit,
        }
    }

    fn show(&self, figure: f64) -> String {
        match self.limit {
            Limit::Exactly(_) => figure.to_string(),
            _ => short(figure),
        }
    }
}
