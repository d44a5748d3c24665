//! How long a failed pass waits before it is repeated: doubling per object, with a cap, spread so
//! that objects that failed together do not come back together.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use parking_lot::Mutex;

/// Wait after the first failure.
pub const FIRST: Duration = Duration::from_millis(500);
/// No wait is longer, before the spread of at most a quarter.
pub const CAP: Duration = Duration::from_mins(1);
/// Doublings after which [`CAP`] is reached whatever [`FIRST`] is; keeps the shift in range.
const MAX_DOUBLINGS: u32 = 16;

/// Failures in a row, per object. Bounded by the number of objects that fail now.
#[derive(Debug)]
pub struct Backoff<K> {
    failures: Mutex<HashMap<K, u32>>,
}

impl<K> Default for Backoff<K> {
    fn default() -> Self {
        Self {
            failures: Mutex::default(),
        }
    }
}

impl<K: Hash + Eq> Backoff<K> {
    /// Another pass over `key` failed: how long to wait.
    pub fn failed(&self, key: K) -> Duration {
        let mut spread = DefaultHasher::new();
        key.hash(&mut spread);
        let mut failures = self.failures.lock();
        let count = failures.entry(key).or_insert(0);
        *count = count.saturating_add(1);
        count.hash(&mut spread);
        wait(*count, spread.finish(), CAP)
    }

    /// A pass over `key` succeeded, or `key` is gone.
    pub fn forget(&self, key: &K) {
        self.failures.lock().remove(key);
    }
}

/// Wait after failure number `count` (from 1), at most `cap`, and longer by up to a quarter as
/// `spread` has it.
pub(crate) fn wait(count: u32, spread: u64, cap: Duration) -> Duration {
    let doublings = count.saturating_sub(1).min(MAX_DOUBLINGS);
    let base = FIRST.saturating_mul(1 << doublings).min(cap);
    let share = u32::try_from(spread % 256).unwrap_or(0);
    base + base / 4 * share / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_cap_and_stay_there() {
        let waits: Vec<u64> = (1..=9)
            .map(|count| wait(count, 0, CAP).as_millis().try_into().unwrap())
            .collect();
        assert_eq!(
            waits,
            [
                500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000
            ]
        );
        assert_eq!(wait(u32::MAX, 0, CAP), CAP);
    }

    #[test]
    fn the_spread_adds_less_than_a_quarter() {
        for spread in 0..=255 {
            let wait = wait(1, spread, CAP);
            assert!(
                wait >= FIRST && wait < FIRST + FIRST / 4,
                "{spread} gave {wait:?}"
            );
        }
        assert!(wait(1, 255, CAP) > wait(1, 0, CAP));
    }

    #[test]
    fn a_success_begins_the_count_anew_and_leaves_others_alone() {
        let backoff = Backoff::default();
        let first = backoff.failed("a");
        backoff.failed("a");
        let other = backoff.failed("b");
        backoff.forget(&"a");
        assert_eq!(backoff.failed("a"), first);
        assert!(backoff.failed("b") > other);
    }

    #[test]
    fn objects_that_failed_together_come_back_apart() {
        let backoff = Backoff::default();
        let waits: std::collections::HashSet<_> = (0..100).map(|key| backoff.failed(key)).collect();
        assert!(waits.len() > 50, "only {} different waits", waits.len());
    }
}
