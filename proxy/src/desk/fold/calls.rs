//! Calls that run, so that one that takes long is shown before it ends.

use std::collections::VecDeque;

/// After so many seconds a call is told to be still running, once.
pub const SLOW_AFTER: i64 = 5;
/// Calls that are watched at once; the hub has its own bound, this one is what a person can look at.
pub const MAX_RUNNING: usize = 256;

#[derive(Debug)]
struct Call {
    session: String,
    what: String,
    since: i64,
    told: bool,
}

/// In the order in which they began. Events do not number calls: of two that look the same the
/// older one is taken to end first.
#[derive(Debug, Default)]
pub(super) struct Running(VecDeque<Call>);

impl Running {
    pub(super) fn started(&mut self, session: &str, what: String, since: i64) {
        if self.0.len() < MAX_RUNNING {
            self.0.push_back(Call {
                session: session.to_owned(),
                what,
                since,
                told: false,
            });
        }
    }

    pub(super) fn finished(&mut self, session: &str, what: &str) {
        let same = |call: &Call| call.session == session && call.what == what;
        if let Some(at) = self.0.iter().position(same) {
            self.0.remove(at);
        }
    }

    /// Those that are to be told now: whose they are and what.
    pub(super) fn slow(&mut self, now: i64) -> Vec<(String, String)> {
        let due = self
            .0
            .iter_mut()
            .filter(|call| !call.told && now - call.since >= SLOW_AFTER);
        due.map(|call| {
            call.told = true;
            (call.session.clone(), call.what.clone())
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_past_the_bound_are_not_watched() {
        let mut running = Running::default();
        for call in 0..=MAX_RUNNING {
            running.started("s", call.to_string(), 0);
        }
        assert_eq!(running.slow(SLOW_AFTER).len(), MAX_RUNNING);
    }

    #[test]
    fn a_slow_call_is_told_once() {
        let mut running = Running::default();
        running.started("s", "a".to_owned(), 0);
        running.started("s", "b".to_owned(), 0);
        running.finished("s", "a");
        assert_eq!(running.slow(SLOW_AFTER - 1), []);
        assert_eq!(running.slow(SLOW_AFTER), [("s".to_owned(), "b".to_owned())]);
        assert_eq!(running.slow(SLOW_AFTER + 9), []);
    }
}
