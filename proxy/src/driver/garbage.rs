//! How much of the server's garbage is logged: a server that prints its log to stdout must not fill
//! the proxy's. Every line is counted in the metrics all the same.

use std::time::Duration;

use hivewright_bridge::io::Now;

use crate::backend::budget::Budget;

/// Lines of garbage that are logged at once: a banner with a stack trace.
pub const GARBAGE_BURST: u32 = 20;
/// After so long one more line is logged: enough to see that it goes on.
pub const GARBAGE_REFILL: Duration = Duration::from_secs(30);
/// So long after the first line that was not logged, it is told how many there were.
pub const GARBAGE_TOLD_AFTER: Duration = Duration::from_secs(30);

/// Decides which lines are logged, and counts the others.
#[derive(Debug)]
pub(super) struct GarbageLog {
    budget: Budget,
    suppressed: u64,
    /// When the first of them came.
    since: Now,
}

impl Default for GarbageLog {
    fn default() -> Self {
        Self {
            budget: Budget::new(GARBAGE_BURST, GARBAGE_REFILL),
            suppressed: 0,
            since: Now::ZERO,
        }
    }
}

impl GarbageLog {
    /// Whether a line that came now is logged.
    pub(super) fn admits(&mut self, now: Now) -> bool {
        let admitted = self.budget.take(now).is_ok();
        if !admitted {
            if self.suppressed == 0 {
                self.since = now;
            }
            self.suppressed += 1;
        }
        admitted
    }

    /// How many lines were not logged, once it is time to say so.
    pub(super) fn take_suppressed(&mut self, now: Now) -> Option<u64> {
        let due = self.suppressed > 0 && now >= self.since + GARBAGE_TOLD_AFTER;
        due.then(|| std::mem::replace(&mut self.suppressed, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_past_the_burst_are_counted_and_told_once() {
        let mut log = GarbageLog::default();
        let admitted = (0..1000).filter(|_| log.admits(Now::ZERO)).count();
        assert_eq!(admitted, GARBAGE_BURST as usize);
        assert_eq!(log.take_suppressed(Now::ZERO), None, "not for each of them");
        let suppressed = 1000 - u64::from(GARBAGE_BURST);
        assert_eq!(log.take_suppressed(GARBAGE_TOLD_AFTER), Some(suppressed));
        assert_eq!(log.take_suppressed(2 * GARBAGE_TOLD_AFTER), None);
        assert!(log.admits(GARBAGE_REFILL));
    }
}
