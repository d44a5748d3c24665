//! What came of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Plan, Seen};

/// The figures of one run, as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Connections that called at the same time.
    pub connections: usize,
    /// Right answers within the measured time.
    pub calls: u64,
    /// Right answers before it.
    pub warm_up_calls: u64,
    /// Right answers a second.
    pub calls_per_second: f64,
    /// Half of the answers came within this, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 answers came within this, in milliseconds.
    pub p99_ms: f64,
    /// Calls without a right answer.
    pub errors: u64,
    /// What the first of them met.
    pub first_error: Option<String>,
    /// Notifications that came in another session meanwhile.
    #[serde(default)]
    pub notifications: u64,
}

impl Report {
    pub(super) fn new(plan: &Plan, seen: Vec<Seen>, notifications: u64) -> Self {
        let errors = seen.iter().map(|seen| seen.errors).sum();
        let warm_up_calls = seen.iter().map(|seen| seen.warm_up_calls).sum();
        let first_error = seen.iter().find_map(|seen| seen.first_error.clone());
        let mut micros: Vec<u32> = seen.into_iter().flat_map(|seen| seen.micros).collect();
        micros.sort_unstable();
        let calls = micros.len() as u64;
        Self {
            connections: plan.connections,
            calls,
            warm_up_calls,
            calls_per_second: ratio(calls, plan.duration().as_secs()),
            p50_ms: percentile(&micros, 50),
            p99_ms: percentile(&micros, 99),
            errors,
            first_error,
            notifications,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "calls of one run are far below 2^52"
)]
fn ratio(calls: u64, seconds: u64) -> f64 {
    calls as f64 / seconds as f64
}

/// The value in milliseconds that `percent` of the sorted values do not exceed (nearest rank).
fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted
        .get(rank)
        .map_or(0.0, |micros| f64::from(*micros) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let values: Vec<u32> = (1..=100).map(|value| value * 1000).collect();
        assert!((percentile(&values, 50) - 50.0).abs() < f64::EPSILON);
        assert!((percentile(&values, 99) - 99.0).abs() < f64::EPSILON);
        assert!((percentile(&[], 99)).abs() < f64::EPSILON);
    }
}
