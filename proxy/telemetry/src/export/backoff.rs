//! How long to wait before a request is sent again.

use std::time::Duration;

use crate::ids::random;

/// First wait (OTLP specification: exponential back-off with jitter).
const FIRST: Duration = Duration::from_secs(1);
/// Longest wait that we choose. A collector that restarts is back within so long.
const LONGEST: Duration = Duration::from_secs(30);
/// Longest wait that a collector may ask for by `Retry-After`.
const LONGEST_ASKED: Duration = Duration::from_mins(2);

/// Waits that grow.
#[derive(Debug)]
pub(super) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(super) const fn new() -> Self {
        Self { next: FIRST }
    }

    /// The next wait: half of it is chance, so that the proxies of a cluster do not all come at once.
    pub(super) fn next(&mut self, asked: Option<Duration>) -> Duration {
        let half = self.next / 2;
        self.next = (self.next * 2).min(LONGEST);
        let chance = u32::try_from(random() % 1_000).unwrap_or_default();
        let own = half + half * chance / 1_000;
        own.max(asked.unwrap_or_default().min(LONGEST_ASKED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_bound_and_half_of_each_is_chance() {
        let mut backoff = Backoff::new();
        for whole in [1, 2, 4, 8, 16, 30, 30].map(Duration::from_secs) {
            let wait = backoff.next(None);
            assert!(wait >= whole / 2 && wait <= whole, "{wait:?} of {whole:?}");
        }
    }

    #[test]
    fn a_collector_may_ask_for_more_but_not_for_any_wait() {
        let asked = |seconds| Backoff::new().next(Some(Duration::from_secs(seconds)));
        assert_eq!(asked(20), Duration::from_secs(20));
        assert_eq!(asked(86_400), LONGEST_ASKED);
        assert!(asked(0) >= FIRST / 2);
    }
}
