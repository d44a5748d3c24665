//! The fleet as a pool: each session has a process to itself, which is replaced after it.
//!
//! ```text
//!  pod 0  taken ─┐
//!  pod 1  free   ├─ the next client: the free pod that is nearest to answering; the lowest of several
//!  pod 2  taken ─┘
//!  pod 3  spare    kept up so that `warm` are free; goes when it was one too many for SHRINK_AFTER
//! ```
//!
//! A StatefulSet can only take its last pods away, so the pool never gets smaller than its last pod
//! that is taken, and clients get the first pods.

use std::time::Duration;

use futures::future::select_all;
use hivewright_api::proxy_config::LiveConfig;
use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{Fleet, MAX_PODS, Ordinal, opening::NotOpened, pick};
use crate::driver::Bridge;

/// How long there must have been more free pods than are to be kept, before one is taken away: a
/// client that comes back within a minute does not wait for a start.
pub const SHRINK_AFTER: Duration = Duration::from_mins(1);

/// How many pods a pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// At most, at least 1.
    pub max: usize,
    /// Free ones that are kept up beside those that are taken, as far as `max` allows.
    pub warm: usize,
}

impl Bounds {
    /// As the live configuration says; none if there are to be no pods at all.
    pub fn of(live: &LiveConfig) -> Option<Self> {
        let max = usize::from(live.replicas).min(MAX_PODS);
        let warm = live.warm.map_or(0, usize::from).min(max);
        (max > 0).then_some(Self { max, warm })
    }

    /// How many pods there should be, if these are taken. One always stays, so that it is seen
    /// whether the server works.
    fn wanted(self, taken: &[bool]) -> usize {
        let count = taken.iter().filter(|taken| **taken).count();
        let last = taken.iter().rposition(|taken| *taken);
        let past_last = last.map_or(0, |last| last + 1);
        (count + self.warm).clamp(1, self.max).max(past_last)
    }
}

/// What is known of a pool beside its bridges.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// Held while a pod is chosen and taken, and while the pool is made smaller.
    state: Mutex<State>,
    /// Told when the bounds are others.
    rebounded: Notify,
}

#[derive(Debug, Default)]
struct State {
    /// None: no pods are wanted.
    bounds: Option<Bounds>,
    /// Since when there have been more pods than wanted.
    excess: Option<Instant>,
}

impl Fleet {
    /// Opens something on a free pod; `open` gets its bridge and takes it. Nobody else can take it
    /// meanwhile. The pool grows if need be.
    pub(super) fn take<T>(
        &self,
        pool: &Pool,
        open: impl FnOnce(Ordinal, &Bridge) -> Result<T, NotOpened>,
    ) -> Result<T, NotOpened> {
        let state = pool.state.lock();
        let bounds = state.bounds.ok_or(NotOpened::NoPods)?;
        let free = self.bridges().filter(|(_, bridge)| is_free(bridge));
        let nearest =
            free.min_by_key(|(pod, bridge)| (pick::rank(&bridge.status().borrow()), *pod));
        let pod = match nearest {
            Some((pod, _)) => pod,
            None => self.grown(bounds)?,
        };
        open(pod, self.bridge(pod))
    }

    /// One pod more.
    fn grown(&self, bounds: Bounds) -> Result<Ordinal, NotOpened> {
        let full = NotOpened::PoolFull { max: bounds.max };
        let size = self.size();
        let next = Ordinal::below(bounds.max).nth(size).ok_or(full)?;
        self.resize(size + 1);
        Ok(next)
    }

    /// Whether a session may have this pod now.
    pub(super) fn is_open_to_others(&self, bridge: &Bridge) -> bool {
        self.0.pool.is_none() || is_free(bridge)
    }

    /// Sets the bounds; those who have a pod keep it.
    pub(super) fn bound(&self, pool: &Pool, bounds: Option<Bounds>) {
        pool.state.lock().bounds = bounds;
        if bounds.is_none() {
            // Everything ends, as for any fleet that is scaled to nothing.
            self.resize(0);
        }
        self.fit(pool);
        pool.rebounded.notify_one();
    }

    /// Makes the pool as large as it should be now; when to look again, if it may be smaller then.
    fn fit(&self, pool: &Pool) -> Option<Instant> {
        let mut state = pool.state.lock();
        let taken: Vec<bool> = self.bridges().map(|(_, bridge)| !is_free(bridge)).collect();
        let wanted = state.bounds?.wanted(&taken);
        if wanted >= taken.len() {
            state.excess = None;
            self.resize(wanted);
            return None;
        }
        let due = *state.excess.get_or_insert_with(Instant::now) + SHRINK_AFTER;
        if Instant::now() < due {
            return Some(due);
        }
        state.excess = None;
        self.resize(wanted);
        None
    }

    /// Keeps the pool as large as it should be, until `shutdown`. A fleet that is no pool is left
    /// alone.
    pub async fn run_pool(self, shutdown: CancellationToken) {
        let Some(pool) = &self.0.pool else { return };
        let mut size = self.0.size.subscribe();
        loop {
            size.mark_unchanged();
            let mut seen: Vec<_> = self.bridges().map(|(_, bridge)| bridge.taken()).collect();
            let due = self.fit(pool);
            let changes = seen.iter_mut().map(|taken| Box::pin(taken.changed()));
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = size.changed() => {}
                () = pool.rebounded.notified() => {}
                () = first_of(changes.collect()) => {}
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
            }
        }
    }
}

fn is_free(bridge: &Bridge) -> bool {
    !*bridge.taken().borrow()
}

/// Ends with the first of them; without any, never.
async fn first_of(all: Vec<impl Future + Unpin>) {
    if all.is_empty() {
        std::future::pending::<()>().await;
    }
    select_all(all).await;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wanted(max: usize, warm: usize, taken: &str) -> usize {
        let taken: Vec<bool> = taken.chars().map(|one| one == 'x').collect();
        Bounds { max, warm }.wanted(&taken)
    }

    #[test]
    fn as_many_are_free_as_are_to_be_kept_within_the_bound() {
        assert_eq!(wanted(4, 1, ""), 1);
        assert_eq!(wanted(4, 1, "x"), 2);
        assert_eq!(wanted(4, 1, "xx"), 3);
        assert_eq!(wanted(4, 1, "xxxx"), 4, "no more than the bound");
        assert_eq!(wanted(4, 3, "x"), 4);
    }

    #[test]
    fn the_last_pod_stays_and_so_does_every_one_before_a_pod_that_is_taken() {
        assert_eq!(wanted(4, 0, "...."), 1);
        assert_eq!(wanted(4, 0, "..x."), 3);
        assert_eq!(wanted(2, 1, "...x"), 4, "though the bound was lowered");
    }

    proptest! {
        #[test]
        fn a_pool_holds_all_that_are_taken_and_no_more_than_is_wanted(
            max in 1..=MAX_PODS, warm in 0..=MAX_PODS, taken in prop::collection::vec(any::<bool>(), 0..=MAX_PODS),
        ) {
            let warm = warm.min(max);
            let wanted = Bounds { max, warm }.wanted(&taken);
            let past_last = taken.iter().rposition(|one| *one).map_or(0, |last| last + 1);
            prop_assert!(wanted >= past_last.max(1));
            prop_assert!(wanted <= max.max(past_last));
            let free = wanted - taken.iter().filter(|one| **one).count();
            prop_assert!(free >= warm || wanted >= max);
        }
    }
}
