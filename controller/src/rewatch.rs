//! When a watch that broke is begun again.
//!
//! kube's own backoff begins anew with every item that is no error, and the first item of every
//! attempt, the sign that a list begins, is none: a list that is refused would be asked for each
//! second, by each watch, for ever. This one begins anew after a while without an error.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use kube::runtime::utils::Backoff;
use tokio::time::Instant;

use crate::backoff;

/// No wait is longer, before the spread of at most a quarter: a right that comes back, or an API
/// server, is noticed within it.
pub(crate) const CAP: Duration = Duration::from_secs(20);
/// After this long without an error the next one is the first again. Longer than [`CAP`] with its
/// spread.
const CALM: Duration = Duration::from_mins(1);

/// Waits of one watch.
#[derive(Debug)]
pub(crate) struct Rewatch {
    errors: u32,
    last: Option<Instant>,
    /// Sets the waits of several watches apart: what ended one has mostly ended all.
    seed: u64,
}

impl Rewatch {
    /// Of the watch of this name.
    pub(crate) fn new(name: &str) -> Self {
        let mut seed = DefaultHasher::new();
        name.hash(&mut seed);
        Self {
            errors: 0,
            last: None,
            seed: seed.finish(),
        }
    }
}

impl Iterator for Rewatch {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let now = Instant::now();
        if self.last.is_some_and(|last| now - last > CALM) {
            self.errors = 0;
        }
        self.last = Some(now);
        self.errors = self.errors.saturating_add(1);
        let spread = self.seed.rotate_left(self.errors % u64::BITS);
        Some(backoff::wait(self.errors, spread, CAP))
    }
}

impl Backoff for Rewatch {
    /// Time does it.
    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waits_grow_though_every_attempt_begins_well() {
        let mut watch = Rewatch::new("pods");
        let mut last = Duration::ZERO;
        for _ in 0..20 {
            watch.reset();
            last = watch.next().unwrap();
            advance(last).await;
        }
        assert!(last >= CAP && last < CAP + CAP / 4, "{last:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_calm_while_the_first_wait_is_short_again() {
        let mut watch = Rewatch::new("pods");
        let first = watch.next().unwrap();
        watch.next();
        watch.next();
        advance(CALM + Duration::from_secs(1)).await;
        assert_eq!(watch.next(), Some(first));
    }
}
