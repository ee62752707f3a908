//! Medians and percentiles.

use serde_json::{Value, json};

/// The median of some values, and their 10th and 90th percentile.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread {
    /// The 10th percentile.
    pub p10: f64,
    /// The median.
    pub median: f64,
    /// The 90th percentile.
    pub p90: f64,
}

impl Spread {
    /// The spread of some values.
    pub fn of(values: &[f64]) -> Self {
        Self {
            p10: quantile(values, 0.1),
            median: quantile(values, 0.5),
            p90: quantile(values, 0.9),
        }
    }

    /// The spread of the quotients of values that were measured one right after the
    /// other, so that a slow moment of the machine is in both.
    pub fn of_ratios(values: &[f64], to: &[f64]) -> Self {
        let ratios: Vec<f64> = values
            .iter()
            .zip(to)
            .map(|(value, to)| value / to)
            .collect();
        Self::of(&ratios)
    }

    /// The three numbers by name.
    pub fn json(&self) -> Value {
        json!({"p10": self.p10, "median": self.median, "p90": self.p90})
    }
}

/// The quantile at a number from 0 to 1: 0.5 is the median.
pub fn quantile(values: &[f64], at: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1) as f64;
    sorted
        .get((last * at).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}

/// The value with three significant digits.
pub fn short(value: f64) -> String {
    match value {
        _ if !value.is_finite() => "–".into(),
        _ if value >= 100.0 => format!("{value:.0}"),
        _ if value >= 10.0 => format!("{value:.1}"),
        _ if value >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
