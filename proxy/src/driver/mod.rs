//! The driver: gives the pure hub its sockets, pipes, clock and random ids.
//!
//! ```text
//!  backend task ──server_up/line/stderr/down──┐                    ┌──> StdinQueue ──> backend task
//!  HTTP doors ────open/Drop of ClientStream───┼─ lock ─> Hub::step ┼──> ClientStream ─> HTTP response
//!  clock task ────Tick────────────────────────┘    (Core, sync)    ├──> watch<ServerHealth>
//!                                                                  └──> Metrics, log
//! ```
//!
//! One step and the hand-over of all its outputs happen under one lock, so that what one step says
//! is never overtaken by the next. Nothing waits under the lock: every queue is bounded and refuses.

mod book;
mod client;
mod clock;
mod core;
mod garbage;
mod health;
mod ids;
mod kept;
mod observe;
mod owners;
mod pool;
mod returning;
mod stdin;
mod stream;
mod unsure;

use std::sync::{Arc, atomic::AtomicU64};

use bytes::Bytes;
use hivewright_bridge::{
    hub::{Hub, HubConfig, Snapshot},
    io::{FromServer, Input, Loss, Now, StreamKey},
    line::Oversized,
};
use parking_lot::Mutex;
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use self::core::Core;
pub use self::{
    client::{ClientStream, StreamKind},
    clock::{CLOCK_BEAT, CLOCK_STALE},
    garbage::{GARBAGE_BURST, GARBAGE_REFILL, GARBAGE_TOLD_AFTER},
    health::{ServerHealth, ServerInfo},
    ids::{NoRandomness, secret, session_id},
    kept::{DETACHED_FOR, MAX_DETACHED, NotResumed},
    observe::{CommandNews, Observer, Seen},
    owners::Owner,
    pool::{FREE_BYTES, MAX_STREAMS_BYTES},
    returning::{NotBack, Returning},
    stdin::{MAX_STDIN_BYTES, MAX_STDIN_LINES, STDIN_BATCH, StdinQueue},
    stream::{MAX_STREAM_BYTES, MAX_STREAM_ITEMS, StreamItem},
};
use crate::{
    exchange::Arrival,
    log,
    metrics::{Gauges, Metrics},
};

/// The hub with everything that drives it. Cheap to clone; all clones are the same bridge.
#[derive(Clone, Debug)]
pub struct Bridge(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    core: Mutex<Core>,
    /// The hub's time zero.
    start: Instant,
    health: watch::Sender<ServerHealth>,
    metrics: Metrics,
    watcher: observe::Watcher,
    /// Whether a client has the process; see [`Bridge::taken`].
    taken: watch::Sender<bool>,
    owners: Arc<owners::Owners>,
    /// Told when the next deadline came nearer than the one the clock sleeps for.
    nearer: Notify,
    /// Milliseconds since `start` at which the clock task last went round.
    beat: AtomicU64,
}

impl Bridge {
    /// A bridge without a server yet. [`Bridge::run_clock`] must be spawned once.
    pub fn new(config: HubConfig, metrics: Metrics) -> Self {
        let (health, _) = watch::channel(ServerHealth::Down);
        let exclusive = config.exclusive;
        let owners = Arc::<owners::Owners>::default();
        Self(Arc::new(Inner {
            core: Mutex::new(Core::new(Hub::new(config), exclusive, owners.clone())),
            start: Instant::now(),
            health,
            metrics,
            watcher: observe::Watcher::default(),
            taken: watch::channel(false).0,
            owners,
            nearer: Notify::new(),
            beat: AtomicU64::new(0),
        }))
    }

    /// A transport to a fresh process is open. The queue begins with the `initialize` line; when it
    /// ends, drop the process and read [`Bridge::status`] for the reason.
    pub fn server_up(&self) -> StdinQueue {
        let (sender, queue) = stdin::queue();
        self.locked(|core, outer| core.server_up_in(None, sender, outer));
        queue
    }

    /// As [`Bridge::server_up`] for a process in this pod. None if a session had the pod to itself
    /// and has ended: nobody may get it any more, so it must be replaced.
    pub fn server_up_in(&self, pod: Arc<str>) -> Option<StdinQueue> {
        let (sender, queue) = stdin::queue();
        let usable = self.locked(|core, outer| core.server_up_in(Some(pod), sender, outer));
        usable.then_some(queue)
    }

    /// One line of the process's stdout, without its newline.
    pub fn server_line(&self, line: Bytes) {
        self.locked(|core, outer| {
            if core.has_server() {
                core.step(outer, Input::Server(FromServer::Line(line)));
            }
        });
    }

    /// What is left of a line of the process's stdout that was too long. If it was an answer, its
    /// call fails.
    pub fn server_oversized(&self, line: Oversized) {
        self.locked(|core, outer| {
            if core.has_server() {
                core.step(outer, Input::Server(FromServer::Oversized(line)));
            }
        });
    }

    /// One line of the process's stderr, without its newline: the server's own log.
    pub fn server_stderr(&self, line: &[u8]) {
        self.0.metrics.stderr_line();
        self.0.watcher.saw(Seen::Stderr(line));
        log::stderr(line);
    }

    /// The process, or the way to it, is gone. What was pending fails at once; sessions stay.
    /// Without effect if the driver has dropped the process itself: its reason stands.
    pub fn server_down(&self, loss: Loss) {
        self.locked(|core, outer| core.server_down(outer, loss));
    }

    /// There will be no process any more: what was pending fails, held calls and sessions end. The
    /// next [`Bridge::server_up`] begins anew.
    pub fn retire(&self) {
        self.locked(Core::retire);
    }

    /// How the server is, now and from now on.
    pub fn status(&self) -> watch::Receiver<ServerHealth> {
        self.0.health.subscribe()
    }

    /// What the hub holds now.
    pub fn snapshot(&self) -> Snapshot {
        let core = self.0.core.lock();
        core.hub.snapshot(self.now())
    }

    /// Metrics of this bridge.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Opens a stream and feeds the client's input that names it, in one step.
    pub fn open<I: Into<Arrival>>(
        &self,
        kind: StreamKind,
        input: impl FnOnce(StreamKey) -> I,
    ) -> ClientStream {
        let (sender, receiver) = stream::queue();
        let key = self.locked(|core, outer| {
            let key = core.add_stream(kind, sender);
            let Arrival { input, exchange } = input(key).into();
            core.come(key, exchange);
            core.step(outer, Input::Client(input));
            key
        });
        ClientStream::new(self.clone(), (key, kind), receiver)
    }

    /// Ends the streams of this kind; their clients see a clean end of the response.
    pub fn end_streams(&self, kind: StreamKind) {
        self.locked(|core, outer| core.end_streams(outer, kind));
    }

    /// What is measured now rather than counted by events.
    pub fn gauges(&self) -> Gauges {
        self.0.core.lock().gauges()
    }

    /// Sessions open, and clients that wait for one.
    pub fn clients(&self) -> usize {
        let counts = self.0.core.lock().hub.counts();
        counts.sessions + counts.held
    }

    /// Whether a client has the process, or waits for it; now and from now on. Only told where each
    /// session has one to itself ([`HubConfig::exclusive`]): else it stays false.
    pub fn taken(&self) -> watch::Receiver<bool> {
        self.0.taken.subscribe()
    }

    fn withdraw(&self, stream: StreamKey) -> bool {
        self.locked(|core, _| core.withdraw(stream))
    }

    fn gone(&self, stream: StreamKey, epoch: u32) {
        self.locked(|core, outer| core.gone(outer, stream, epoch));
    }

    fn now(&self) -> Now {
        self.0.start.elapsed()
    }

    /// Runs `act` under the lock; then, without it, tells the log and the clock.
    fn locked<T>(&self, act: impl FnOnce(&mut Core, &core::Outer<'_>) -> T) -> T {
        let outer = core::Outer {
            now: self.now(),
            health: &self.0.health,
            metrics: &self.0.metrics,
            watcher: &self.0.watcher,
            taken: &self.0.taken,
        };
        let (result, told, done, nearer) = {
            let mut core = self.0.core.lock();
            let result = act(&mut core, &outer);
            core.see_tenants(&outer);
            let (told, done) = core.take_told();
            (result, told, done, core.deadline_came_nearer())
        };
        for event in &told {
            log::event(event);
        }
        for (exchange, call) in done {
            exchange.told(call);
        }
        if nearer {
            self.0.nearer.notify_one();
        }
        result
    }
}
