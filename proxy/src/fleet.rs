//! Several server processes behind one pair of doors: one bridge for each pod.
//!
//! ```text
//!  new session ──pick──> the initialised pod with the fewest sessions ──> Bridge 2 ─> pod NAME-2
//!  request in a session ──last digit of its id──────────────────────────> Bridge 0 ─> pod NAME-0
//! ```
//!
//! While no pod is initialised, a client waits where the handshake is nearest, and moves when another
//! pod is there first. A session belongs to one bridge for life, and its id says to which: the id is random, and its
//! last digit is the pod's ordinal. So no table of all sessions is kept or locked beside those of
//! the bridges, and with one pod nothing is looked up at all. A forged digit leads to a bridge that
//! does not know the id. Bridges are made once and stay; one whose pod is taken away is emptied.
//!
//! A fleet is shared, each pod serving many sessions, or a pool (see `pool`), each serving one.

mod load;
mod opening;
mod ordinal;
mod pick;
mod pool;
mod shown;
mod visiting;

use std::sync::{Arc, OnceLock};

use hivewright_api::proxy_config::LiveConfig;
use hivewright_bridge::{hub::HubConfig, io::Loss, refusal::Refusal};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::pool::Pool;
pub use self::{
    load::{FleetGauges, PodLoad},
    opening::{CHOICE_WAIT, NotOpened},
    ordinal::{MAX_PODS, Ordinal},
    pool::{Bounds, SHRINK_AFTER},
    shown::{FleetSnapshot, PodSnapshot, SessionOfPod},
    visiting::NotVisited,
};
use crate::{
    driver::{Bridge, Observer, ServerHealth, StreamKind},
    metrics::Metrics,
};

/// How a fleet begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// So many pods, each for many sessions.
    Shared(usize),
    /// Each session has a pod to itself, within these bounds; none while there are to be no pods.
    Pool(Option<Bounds>),
}

/// All bridges of one proxy. Cheap to clone; all clones are the same fleet.
#[derive(Clone, Debug)]
pub struct Fleet(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: HubConfig,
    metrics: Metrics,
    bridges: [OnceLock<Bridge>; MAX_PODS],
    /// How many of them are served, from ordinal 0.
    size: watch::Sender<usize>,
    /// Sees what happens at every bridge, if anybody does.
    observer: OnceLock<Arc<dyn Observer>>,
    /// Set if each session has a pod to itself.
    pool: Option<Pool>,
    /// Ends the bridges' clocks.
    ending: CancellationToken,
}

impl Fleet {
    /// A fleet of so many pods, whose clocks go until `ending`. Needs a runtime.
    pub fn new(
        config: HubConfig,
        metrics: Metrics,
        size: usize,
        ending: CancellationToken,
    ) -> Self {
        let fleet = Self::made((config, metrics), None, ending);
        fleet.resize(size);
        fleet
    }

    /// A fleet in which each session has a pod to itself. [`Fleet::run_pool`] must be spawned once.
    /// Without bounds it has no pods yet.
    pub fn pooled(
        config: HubConfig,
        metrics: Metrics,
        bounds: Option<Bounds>,
        ending: CancellationToken,
    ) -> Self {
        let config = HubConfig {
            exclusive: true,
            ..config
        };
        let fleet = Self::made((config, metrics), Some(Pool::default()), ending);
        if let Some(pool) = &fleet.0.pool {
            fleet.bound(pool, bounds);
        }
        fleet
    }

    fn made(
        (config, metrics): (HubConfig, Metrics),
        pool: Option<Pool>,
        ending: CancellationToken,
    ) -> Self {
        Self(Arc::new(Inner {
            config,
            metrics,
            bridges: [const { OnceLock::new() }; MAX_PODS],
            size: watch::channel(0).0,
            observer: OnceLock::new(),
            pool,
            ending,
        }))
    }

    /// How many pods are served.
    pub fn size(&self) -> usize {
        *self.0.size.borrow()
    }

    /// How many pods are served, now and from now on.
    pub fn sizes(&self) -> watch::Receiver<usize> {
        self.0.size.subscribe()
    }

    /// Serves what the live configuration asks for: so many pods, at most [`MAX_PODS`], or a pool
    /// within such bounds. Sessions of pods that are served no longer end: calls fail, and their
    /// clients are told to open new ones.
    pub fn follow(&self, live: &LiveConfig) {
        match &self.0.pool {
            Some(pool) => self.bound(pool, Bounds::of(live)),
            None => self.resize(usize::from(live.replicas)),
        }
    }

    /// Whether each session has a pod to itself.
    pub fn is_pool(&self) -> bool {
        self.0.pool.is_some()
    }

    /// Serves so many pods from now on, at most [`MAX_PODS`]. A pool sizes itself.
    pub fn resize(&self, size: usize) {
        let size = size.min(MAX_PODS);
        for ordinal in Ordinal::below(size) {
            self.bridge(ordinal);
        }
        let mut before = size;
        // Before the sessions end, so that no new one follows them: see `open`.
        self.0.size.send_if_modified(|now| {
            before = std::mem::replace(now, size);
            before != size
        });
        for ordinal in Ordinal::below(before).skip(size) {
            self.bridge(ordinal).retire();
        }
    }

    /// The bridge of a pod. Its clock goes from the first call on.
    pub fn bridge(&self, ordinal: Ordinal) -> &Bridge {
        self.0.bridges[ordinal.index()].get_or_init(|| {
            let config = HubConfig {
                pod: ordinal.digit(),
                ..self.0.config.clone()
            };
            let bridge = Bridge::new(config, self.0.metrics.clone());
            if let Some(observer) = self.0.observer.get() {
                bridge.observe(ordinal.index(), observer.clone());
            }
            let (clock, ending) = (bridge.clone(), self.0.ending.clone());
            tokio::spawn(async move { clock.run_clock(ending).await });
            bridge
        })
    }

    /// Lets an observer see what happens at every bridge from now on, those to come included. The
    /// first one stays.
    pub fn observe(&self, observer: &Arc<dyn Observer>) {
        // Set already: see above.
        let _ = self.0.observer.set(observer.clone());
        for (ordinal, bridge) in self.bridges() {
            bridge.observe(ordinal.index(), observer.clone());
        }
    }

    /// The bridge that knows this session, if any does.
    ///
    /// # Errors
    /// If the id names no pod that there ever was.
    pub fn of(&self, session: &str) -> Result<&Bridge, Refusal> {
        let bridge = Ordinal::of(session).and_then(|pod| self.0.bridges[pod.index()].get());
        bridge.ok_or(Refusal::UnknownSession)
    }

    /// The bridges that are served, in the order of their pods.
    pub fn bridges(&self) -> impl Iterator<Item = (Ordinal, &Bridge)> {
        Ordinal::below(self.size()).map(|ordinal| (ordinal, self.bridge(ordinal)))
    }

    /// Ends the streams of this kind on every bridge.
    pub fn end_streams(&self, kind: StreamKind) {
        self.bridges()
            .for_each(|(_, bridge)| bridge.end_streams(kind));
    }

    /// Metrics of all bridges together.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The health of the pod that clients get first.
    pub fn health(&self) -> ServerHealth {
        let all = self
            .bridges()
            .map(|(_, bridge)| bridge.status().borrow().clone());
        all.min_by_key(pick::rank)
            .unwrap_or(ServerHealth::Failed(Loss::ScaledDown))
    }

    /// Whether every bridge's clock goes round.
    pub fn clocks_are_alive(&self) -> bool {
        self.bridges().all(|(_, bridge)| bridge.clock_is_alive())
    }
}

#[cfg(test)]
mod tests;
