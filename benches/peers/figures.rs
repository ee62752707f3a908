//! The figures of a candidate.

use serde_json::{Value, json};

use super::candidate::Candidate;
use testing::measuring::statistics::{Spread, quantile};

/// Raw figures of one candidate and one operation, in the order of the rounds.
pub struct Figures {
    pub candidate: Candidate,
    pub init_ms: Vec<f64>,
    /// The first request after the init phase.
    pub first_ms: Vec<f64>,
    /// The init phase and the first request.
    pub cold_cpu_ms: Vec<f64>,
    /// All warm requests.
    pub warm_ms: Vec<f64>,
    /// The median of each round.
    pub round_p50_ms: Vec<f64>,
    /// CPU time of a request, the mean of each round.
    pub cpu_ms: Vec<f64>,
    pub peak_memory_mb: f64,
    /// Requests per second with several environments, in each round.
    pub per_second: Vec<f64>,
    pub package_mb: f64,
    pub wire: Wire,
}

/// Connections to the database, and turns on them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wire {
    pub cold: (usize, usize),
    pub warm: (usize, usize),
}

impl Figures {
    pub fn of(candidate: Candidate) -> Self {
        Self {
            candidate,
            init_ms: Vec::new(),
            first_ms: Vec::new(),
            cold_cpu_ms: Vec::new(),
            warm_ms: Vec::new(),
            round_p50_ms: Vec::new(),
            cpu_ms: Vec::new(),
            peak_memory_mb: f64::NAN,
            per_second: Vec::new(),
            package_mb: 0.0,
            wire: Wire::default(),
        }
    }

    /// Init phase and first request, of each round.
    pub fn cold_ms(&self) -> Vec<f64> {
        let rounds = self.init_ms.iter().zip(&self.first_ms);
        rounds.map(|(init, first)| init + first).collect()
    }

    pub fn warm(&self, at: f64) -> f64 {
        quantile(&self.warm_ms, at)
    }

    pub fn json(&self, python: &Self) -> Value {
        let percentiles = json!({
            "p50": self.warm(0.5), "p95": self.warm(0.95), "p99": self.warm(0.99),
            "requests": self.warm_ms.len(),
        });
        let (cold, warm) = (self.wire.cold, self.wire.warm);
        json!({
            "candidate": self.candidate.name(),
            "init_ms": Spread::of(&self.init_ms).json(),
            "first_request_ms": Spread::of(&self.first_ms).json(),
            "cold_ms": Spread::of(&self.cold_ms()).json(),
            "cold_cpu_ms": Spread::of(&self.cold_cpu_ms).json(),
            "warm_ms": percentiles,
            "warm_p50_ms_of_rounds": Spread::of(&self.round_p50_ms).json(),
            "cpu_ms": Spread::of(&self.cpu_ms).json(),
            "requests_per_second": Spread::of(&self.per_second).json(),
            "peak_memory_mb": self.peak_memory_mb,
            "package_mb": self.package_mb,
            "cold_wire": {"connections": cold.0, "turns": cold.1},
            "warm_wire": {"connections": warm.0, "turns": warm.1},
            "fastapi_takes_times": {
                "cold_ms": Spread::of_ratios(&python.cold_ms(), &self.cold_ms()).json(),
                "warm_ms": Spread::of_ratios(&python.round_p50_ms, &self.round_p50_ms).json(),
                "cpu_ms": Spread::of_ratios(&python.cpu_ms, &self.cpu_ms).json(),
            },
            "rounds": {
                "init_ms": self.init_ms,
                "first_request_ms": self.first_ms,
                "warm_p50_ms": self.round_p50_ms,
                "cpu_ms": self.cpu_ms,
                "requests_per_second": self.per_second,
            },
        })
    }
}

/// The figures of one candidate.
pub fn of(all: &[Figures], candidate: Candidate) -> &Figures {
    let found = all.iter().find(|figures| figures.candidate == candidate);
    found.expect("every candidate is measured")
}
