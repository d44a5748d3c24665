//! The clock task: feeds `Tick` when the hub's next deadline is due.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{Bridge, core::Core};
use crate::log;

/// The clock goes round at least this often, so that its being alive can be seen.
pub const CLOCK_BEAT: Duration = Duration::from_secs(5);
/// A clock that has not gone round for this long is dead: the process must be restarted. Well above
/// what a starved node delays a task.
pub const CLOCK_STALE: Duration = Duration::from_mins(1);

impl Bridge {
    /// Drives the hub's deadlines until `shutdown`. Spawn it once.
    pub async fn run_clock(&self, shutdown: CancellationToken) {
        loop {
            let (due, suppressed) = {
                let mut core = self.0.core.lock();
                (core.arm(), core.take_suppressed(self.now()))
            };
            if let Some(lines) = suppressed {
                log::suppressed(lines);
            }
            self.beat();
            let beat = Instant::now() + CLOCK_BEAT;
            let wake = due.map_or(beat, |due| beat.min(self.0.start + due));
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.0.nearer.notified() => {}
                () = sleep_until(wake) => {
                    if due.is_some_and(|due| due <= self.now()) {
                        self.locked(Core::tick);
                    }
                }
            }
        }
    }

    /// Whether the clock task went round within [`CLOCK_STALE`]. Before its first round the age of
    /// the bridge counts.
    pub fn clock_is_alive(&self) -> bool {
        let beat = Duration::from_millis(self.0.beat.load(Ordering::Acquire));
        self.now().saturating_sub(beat) < CLOCK_STALE
    }

    fn beat(&self) {
        let millis = u64::try_from(self.now().as_millis()).unwrap_or(u64::MAX);
        self.0.beat.store(millis, Ordering::Release);
    }
}
