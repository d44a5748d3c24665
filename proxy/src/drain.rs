//! The end in two stages.
//!
//! ```text
//!  SIGTERM ──> stage 1: not ready, no new connections; calls in flight may end ──┐
//!                          second signal, DRAIN_GRACE, or nothing in flight ──┐  │
//!              stage 2: streams end, what is left is cut, the server is let go <─┘
//! ```

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// Longest that calls in flight are waited for. A pod has 30 s from SIGTERM to SIGKILL
/// (terminationGracePeriodSeconds); stage 2 may take up to 7 s of them.
pub const DRAIN_GRACE: Duration = Duration::from_secs(20);
/// How often it is looked whether calls are in flight. Short against any shutdown, long against
/// the look itself.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The two stages, told to every task. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Stages {
    /// Stage 1: take nothing new.
    pub closing: CancellationToken,
    /// Stage 2: end now.
    pub ending: CancellationToken,
}

/// How stage 1 ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Nothing is in flight any more.
    Clean,
    /// Somebody was in a hurry.
    Hurried,
    /// So many calls are still in flight after [`DRAIN_GRACE`].
    Overrun(usize),
}

impl Stages {
    /// Runs stage 1 to its end and begins stage 2. `hurry` cuts stage 1 short.
    pub async fn drain(
        &self,
        in_flight: impl Fn() -> usize,
        hurry: impl Future<Output = ()>,
    ) -> Drained {
        self.closing.cancel();
        let idle = async {
            while in_flight() > 0 {
                sleep(LOOK_EVERY).await;
            }
        };
        let drained = tokio::select! {
            // In order, so that an idle proxy ends cleanly whatever else is due.
            biased;
            idle = timeout(DRAIN_GRACE, idle) => match idle {
                Ok(()) => Drained::Clean,
                Err(_) => Drained::Overrun(in_flight()),
            },
            () = hurry => Drained::Hurried,
        };
        self.ending.cancel();
        drained
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn stage_1_takes_nothing_new_but_lets_calls_end() {
        let stages = Stages::default();
        let start = Instant::now();
        let observed = stages.clone();
        let in_flight = move || {
            assert!(
                observed.closing.is_cancelled(),
                "nothing new is taken while waiting"
            );
            assert!(
                !observed.ending.is_cancelled(),
                "nothing is cut while calls are in flight"
            );
            usize::from(start.elapsed() < Duration::from_secs(3))
        };
        assert_eq!(stages.drain(in_flight, pending()).await, Drained::Clean);
        assert!(start.elapsed() < Duration::from_secs(4));
        assert!(stages.ending.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn stage_2_begins_at_the_deadline_whatever_is_in_flight() {
        let stages = Stages::default();
        let start = Instant::now();
        assert_eq!(stages.drain(|| 2, pending()).await, Drained::Overrun(2));
        assert_eq!(start.elapsed(), DRAIN_GRACE);
        assert!(stages.ending.is_cancelled());
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_signal_begins_stage_2_at_once() {
        let stages = Stages::default();
        let start = Instant::now();
        assert_eq!(stages.drain(|| 1, ready(())).await, Drained::Hurried);
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert!(stages.ending.is_cancelled());
    }
}
