//! Exponential back-off with jitter, as a value: no clock, no randomness of its own.

use std::time::Duration;

/// Waits that double from `base` to `cap`, each shortened by up to half at random, so that many
/// proxies that failed together do not come back together.
#[derive(Clone, Debug)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    next: Duration,
}

impl Backoff {
    /// The first wait is at most `base`, none is longer than `cap`.
    pub const fn new(base: Duration, cap: Duration) -> Self {
        Self {
            base,
            cap,
            next: base,
        }
    }

    /// The next wait; `random` is any evenly spread number.
    pub fn wait(&mut self, random: u64) -> Duration {
        let full = self.next;
        self.next = full.saturating_mul(2).min(self.cap);
        let half = full / 2;
        half + shortened(full.saturating_sub(half), random)
    }

    /// After a success: the next wait is the first one again.
    pub const fn reset(&mut self) {
        self.next = self.base;
    }
}

/// `span` times `random / 2^64`, in nanoseconds.
fn shortened(span: Duration, random: u64) -> Duration {
    let nanos = (span.as_nanos() * u128::from(random)) >> 64;
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// Randomness for [`Backoff::wait`]. Without any the wait is the shortest of its range: jitter is a
/// courtesy, no ground for failing.
pub fn random() -> u64 {
    getrandom::u64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BASE: Duration = Duration::from_millis(100);
    const CAP: Duration = Duration::from_secs(5);

    #[test]
    fn waits_double_up_to_the_cap_and_start_anew_after_a_reset() {
        let mut backoff = Backoff::new(BASE, CAP);
        let longest: Vec<u128> = (0..8)
            .map(|_| backoff.wait(u64::MAX).as_millis() + 1)
            .collect();
        assert_eq!(longest, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        backoff.reset();
        assert_eq!(backoff.wait(0), BASE / 2);
    }

    proptest! {
        #[test]
        fn a_wait_is_never_under_half_nor_over_its_step(randoms in prop::collection::vec(any::<u64>(), 1..20)) {
            let mut backoff = Backoff::new(BASE, CAP);
            let mut step = BASE;
            for random in randoms {
                let wait = backoff.wait(random);
                prop_assert!(wait >= step / 2 && wait <= step, "{wait:?} for {step:?}");
                step = (step * 2).min(CAP);
            }
        }
    }
}
