//! Metrics: one fold over the hub's events, plus what only the driver and the doors can count.
//!
//! ```text
//!  HubEvent ──observe──┐
//!  HTTP exchange ──────┼──> families (handles resolved once) ──scrape──> text
//!  queues, stderr ─────┘         gauges are set at the scrape ─┘
//! ```

mod families;
mod http;
mod operations;

use std::sync::Arc;

use ::http::StatusCode;
use hivewright_bridge::{
    event::{Bound, DropReason, HubEvent, Side},
    hub::Counts,
    io::Loss,
};
use prometheus::{Registry, TextEncoder};

pub use self::operations::MAX_TOOLS;
use self::{families::Families, http::HttpCounters, operations::Operations};
use crate::http::Door;

/// A bounded queue of the driver's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Lines to the server.
    Stdin,
    /// Messages to one client.
    Stream,
}

impl Queue {
    const ALL: [Self; 2] = [Self::Stdin, Self::Stream];

    const fn label(self) -> &'static str {
        match self {
            Self::Stdin => "stdin",
            Self::Stream => "stream",
        }
    }
}

/// What is measured at the scrape, not by events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// The hub's tables.
    pub hub: Counts,
    /// Open streams that are the answers of POSTs.
    pub answers: usize,
    /// Open GET streams of `/mcp`.
    pub listeners: usize,
    /// Open streams of `/sse`.
    pub sse: usize,
    /// Lines in the queue to the server.
    pub stdin_lines: usize,
    /// Their bytes.
    pub stdin_bytes: usize,
}

/// All metrics of one proxy. Cheap to clone; all clones count into the same registry.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    families: Families,
    operations: Operations,
    http: HttpCounters,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Metrics in a registry of their own.
    pub fn new() -> Self {
        let registry = Registry::new();
        let families = Families::register(&registry);
        let operations = Operations::new(families.operation.clone());
        let http = HttpCounters::new(&families.http, &families.http_in, &families.http_out);
        begin_at_zero(&families);
        Self(Arc::new(Inner { registry, families, operations, http }))
    }

    /// Folds one event in.
    pub fn observe(&self, event: &HubEvent) {
        let all = &self.0.families;
        match event {
            HubEvent::RequestFinished { method, tool, outcome, duration, .. } => {
                self.0.operations.observe(*method, tool.as_ref(), *outcome, *duration);
            }
            HubEvent::SessionOpened { door, revision, .. } => {
                let labels = [door.as_str(), revision.as_str()];
                all.sessions_opened.with_label_values(&labels).inc();
            }
            HubEvent::SessionClosed { door, why, duration, .. } => {
                let labels = [door.as_str(), why.as_str()];
                all.session.with_label_values(&labels).observe(duration.as_secs_f64());
            }
            HubEvent::AskFinished { method, outcome, duration } => {
                let labels = [method.as_str(), outcome.as_str()];
                all.ask.with_label_values(&labels).observe(duration.as_secs_f64());
            }
            HubEvent::NotificationForwarded { from, method, .. } => {
                all.notifications.with_label_values(&[from.as_str(), method.as_str()]).inc();
            }
            HubEvent::MessageDropped { from, why, .. } => {
                all.dropped.with_label_values(&[from.as_str(), why.as_str()]).inc();
            }
            HubEvent::GarbageDropped { .. } => all.garbage.inc(),
            HubEvent::Overflow { bound } => {
                all.overflow.with_label_values(&[bound.as_str()]).inc();
            }
            HubEvent::Refused { refusal } => self.refusal(refusal.reason()),
            HubEvent::ServerInitialized { duration, .. } => {
                all.handshake.observe(duration.as_secs_f64());
                all.server_up.set(1);
            }
            HubEvent::HandshakeFailed { loss, .. } => self.server_lost(*loss, 0),
            HubEvent::ServerLost { loss, failed_calls } => self.server_lost(*loss, *failed_calls),
            HubEvent::RequestStarted { .. }
            | HubEvent::AskStarted { .. }
            | HubEvent::HandshakeStarted => {}
        }
    }

    /// A queue of the driver was full.
    pub fn overflow(&self, queue: Queue) {
        self.0.families.overflow.with_label_values(&[queue.label()]).inc();
    }

    /// A request was refused, by the hub or before it; `reason` is a bounded label.
    pub fn refusal(&self, reason: &'static str) {
        self.0.families.refusals.with_label_values(&[reason]).inc();
    }

    /// The server wrote a line to its stderr.
    pub fn stderr_line(&self) {
        self.0.families.stderr.inc();
    }

    /// An HTTP exchange is over; no status if its client left before an answer.
    pub fn http(&self, door: Door, status: Option<StatusCode>, bytes_in: usize, bytes_out: usize) {
        self.0.http.count(door, status, bytes_in, bytes_out);
    }

    /// The registry, for metrics of the backend.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// Everything, in the Prometheus text format.
    ///
    /// # Errors
    /// If a family cannot be written, which its registration rules out.
    pub fn scrape(&self, gauges: &Gauges) -> prometheus::Result<String> {
        self.set(gauges);
        TextEncoder::new().encode_to_string(&self.0.registry.gather())
    }

    fn set(&self, gauges: &Gauges) {
        let all = &self.0.families;
        let set = |gauge: &prometheus::IntGauge, value: usize| {
            gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        set(&all.sessions, gauges.hub.sessions);
        set(&all.pending, gauges.hub.pending);
        set(&all.held, gauges.hub.held);
        set(&all.held_bytes, gauges.hub.held_bytes);
        set(&all.asks, gauges.hub.asks);
        set(&all.subscriptions, gauges.hub.subscriptions);
        set(&all.streams.with_label_values(&["answer"]), gauges.answers);
        set(&all.streams.with_label_values(&["listener"]), gauges.listeners);
        set(&all.streams.with_label_values(&["sse"]), gauges.sse);
        set(&all.stdin_lines, gauges.stdin_lines);
        set(&all.stdin_bytes, gauges.stdin_bytes);
    }

    fn server_lost(&self, loss: Loss, failed_calls: usize) {
        let all = &self.0.families;
        all.server_up.set(0);
        all.server_losses.with_label_values(&[loss.reason()]).inc();
        all.lost_calls.inc_by(failed_calls as u64);
    }
}

/// Counters that alerts are made of exist from the start, so that their first rise is seen.
fn begin_at_zero(families: &Families) {
    for loss in [
        Loss::ProcessExited,
        Loss::AttachLost,
        Loss::NotReading,
        Loss::HandshakeTimeout,
        Loss::NotMcp,
        Loss::Draining,
    ] {
        families.server_losses.with_label_values(&[loss.reason()]);
    }
    for queue in Queue::ALL {
        families.overflow.with_label_values(&[queue.label()]);
    }
    for bound in Bound::ALL {
        families.overflow.with_label_values(&[bound.as_str()]);
    }
    for from in Side::ALL {
        for why in DropReason::ALL {
            families.dropped.with_label_values(&[from.as_str(), why.as_str()]);
        }
    }
}
