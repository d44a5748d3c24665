//! A token bucket, as a value: how often something may be done at once.

use std::time::Duration;

/// Holds up to `capacity` tokens; one comes back every `refill`.
#[derive(Clone, Debug)]
pub struct Budget {
    capacity: u32,
    refill: Duration,
    tokens: u32,
    /// When the token that is coming back next was begun.
    since: Duration,
}

impl Budget {
    /// A full bucket at time zero.
    pub const fn new(capacity: u32, refill: Duration) -> Self {
        Self {
            capacity,
            refill,
            tokens: capacity,
            since: Duration::ZERO,
        }
    }

    /// Takes one token.
    ///
    /// # Errors
    /// The time at which there will be one, if the bucket is empty.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.fill(now);
        match self.tokens.checked_sub(1) {
            Some(left) => {
                self.tokens = left;
                Ok(())
            }
            None => Err(self.since + self.refill),
        }
    }

    fn fill(&mut self, now: Duration) {
        while self.tokens < self.capacity && self.since + self.refill <= now {
            self.tokens += 1;
            self.since += self.refill;
        }
        if self.tokens == self.capacity {
            self.since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn an_empty_bucket_says_when_the_next_token_comes() {
        let mut budget = Budget::new(2, MINUTE);
        let now = Duration::from_secs(1000);
        assert_eq!(budget.take(now), Ok(()));
        assert_eq!(budget.take(now), Ok(()));
        assert_eq!(budget.take(now), Err(now + MINUTE));
        assert_eq!(budget.take(now + MINUTE), Ok(()));
        assert_eq!(budget.take(now + MINUTE), Err(now + 2 * MINUTE));
    }

    #[test]
    fn a_long_rest_fills_the_bucket_and_no_more() {
        let mut budget = Budget::new(2, MINUTE);
        assert_eq!(budget.take(Duration::ZERO), Ok(()));
        let later = 100 * MINUTE;
        assert_eq!(budget.take(later), Ok(()));
        assert_eq!(budget.take(later), Ok(()));
        assert!(budget.take(later).is_err());
    }
}
