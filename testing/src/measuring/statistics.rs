//! Medians, and how far the rest is from them.

use serde_json::{Value, json};

/// The middle of some values, and where nine of ten begin and end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread {
    pub p10: f64,
    pub median: f64,
    pub p90: f64,
}

impl Spread {
    pub fn of(values: &[f64]) -> Self {
        Self {
            p10: quantile(values, 0.1),
            median: quantile(values, 0.5),
            p90: quantile(values, 0.9),
        }
    }

    /// Of the quotients of values that belong together: measured one right
    /// after the other, so that a slow moment of the machine is in both.
    pub fn of_ratios(values: &[f64], to: &[f64]) -> Self {
        let ratios: Vec<f64> = values
            .iter()
            .zip(to)
            .map(|(value, to)| value / to)
            .collect();
        Self::of(&ratios)
    }

    pub fn json(&self) -> Value {
        json!({"p10": self.p10, "median": self.median, "p90": self.p90})
    }
}

/// The value that a part of all, such as 0.95, does not exceed.
pub fn quantile(values: &[f64], at: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1) as f64;
    sorted
        .get((last * at).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}

/// With three digits that mean something.
pub fn short(value: f64) -> String {
    match value {
        _ if !value.is_finite() => "–".into(),
        _ if value >= 100.0 => format!("{value:.0}"),
        _ if value >= 10.0 => format!("{value:.1}"),
        _ if value >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
