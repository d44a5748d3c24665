//! Times out of the buckets of a histogram, as `histogram_quantile` of Prometheus has it.

/// Cumulative counts by upper bound, seconds, the lowest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Buckets(Vec<(f64, u64)>);

impl Buckets {
    /// Adds so many at most this long.
    pub(super) fn put(&mut self, bound: f64, count: u64) {
        match self.0.binary_search_by(|(have, _)| have.total_cmp(&bound)) {
            Ok(at) => self.0[at].1 += count,
            Err(at) => self.0.insert(at, (bound, count)),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (bound, count) in &other.0 {
            self.put(*bound, *count);
        }
    }

    /// The time that this share (0 to 1) did not exceed: within its bucket all times are taken to be
    /// spread evenly. Past the last bound there is nothing to go by, so that is infinite.
    pub(super) fn within(&self, share: f64) -> Option<f64> {
        let (_, all) = self.0.last().copied().filter(|(_, all)| *all > 0)?;
        let wanted = share * float(all);
        let (mut below, mut counted) = (0.0, 0);
        for (bound, count) in self.0.iter().copied() {
            if float(count) >= wanted && count > counted {
                if bound.is_infinite() {
                    return Some(f64::INFINITY);
                }
                let part = (wanted - float(counted)) / float(count - counted);
                return Some(below + (bound - below) * part.max(0.0));
            }
            (below, counted) = (bound, count);
        }
        None
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts beyond 2^53 would be off by less than one in a million"
)]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(all: &[(f64, u64)]) -> Buckets {
        let mut buckets = Buckets::default();
        for (bound, count) in all {
            buckets.put(*bound, *count);
        }
        buckets
    }

    #[test]
    fn within_a_bucket_times_are_spread_evenly() {
        let buckets = buckets(&[(0.1, 0), (0.2, 10), (f64::INFINITY, 10)]);
        let half = buckets.within(0.5).unwrap();
        assert!((half - 0.15).abs() < 1e-9, "{half}");
    }

    #[test]
    fn past_the_last_bound_nobody_knows_and_without_calls_neither() {
        let slow = buckets(&[(0.1, 1), (f64::INFINITY, 10)]);
        assert_eq!(slow.within(0.95), Some(f64::INFINITY));
        assert_eq!(Buckets::default().within(0.5), None);
        assert_eq!(buckets(&[(f64::INFINITY, 0)]).within(0.5), None);
    }
}
