//! Metrics: one fold over the hub's events, plus what only the driver and the doors can count.
//!
//! ```text
//!  HubEvent ──observe──┐
//!  HTTP exchange ──────┼──> families (handles resolved once) ──scrape──> text
//!  queues, stderr ─────┘         gauges are set at the scrape ─┘
//! ```

mod families;
mod gauges;
mod http;
mod maker;
mod operations;
mod requests;

use std::{sync::Arc, time::Duration};

use ::http::StatusCode;
use hivewright_bridge::{
    event::{Bound, DropReason, HubEvent, Side},
    io::Loss,
};
use hivewright_telemetry::{Context, Counts, Exemplars, FamilyExemplars, Format};
use jiff::Timestamp;
use prometheus::{HistogramVec, IntCounterVec, Registry, proto::MetricFamily};

use self::{families::Families, http::HttpCounters, operations::Operations, requests::Requests};
pub use self::{
    gauges::Gauges,
    operations::{MAX_TOOL_NAME, MAX_TOOLS},
};
use crate::{exchange::Call, fleet::FleetGauges, http::Door};

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

/// What became of a client that came back to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resumption {
    /// It reads on where it was.
    Resumed,
    /// It had read everything already.
    Over,
    /// It was a listener, which begins anew.
    Lost,
    /// It was an answer, which is not to be had any more; or no such event was given.
    Refused,
}

impl Resumption {
    const ALL: [Self; 4] = [Self::Resumed, Self::Over, Self::Lost, Self::Refused];

    const fn label(self) -> &'static str {
        match self {
            Self::Resumed => "resumed",
            Self::Over => "over",
            Self::Lost => "lost",
            Self::Refused => "refused",
        }
    }
}

/// All metrics of one proxy. Cheap to clone; all clones count into the same registry.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    families: Families,
    operations: Operations,
    requests: Requests,
    http: HttpCounters,
    telemetry: Counts,
    exemplars: Exemplars,
    /// Those of the durations of operations.
    traces: FamilyExemplars,
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
        let operations = Operations::new(families.mcp.operation.clone());
        let requests = Requests::new(&families.mcp.requests);
        let http = HttpCounters::new(&families.http);
        let exemplars = Exemplars::default();
        begin_at_zero(&families);
        families.server.started.set(Timestamp::now().as_second());
        Self(Arc::new(Inner {
            telemetry: Counts::register(&registry),
            traces: exemplars.family(families::OPERATION, maker::CALL_BUCKETS),
            exemplars,
            registry,
            families,
            operations,
            requests,
            http,
        }))
    }

    /// Folds one event in.
    pub fn observe(&self, event: &HubEvent) {
        let mcp = &self.0.families.mcp;
        match event {
            HubEvent::RequestFinished {
                method,
                tool,
                outcome,
                duration,
                ..
            } => {
                self.0
                    .operations
                    .observe(*method, tool.as_ref(), *outcome, *duration);
                self.0.requests.ended(*outcome);
            }
            HubEvent::SessionOpened { door, revision, .. } => {
                count(&mcp.sessions_opened, &[door.as_str(), revision.as_str()]);
            }
            HubEvent::SessionClosed {
                door,
                why,
                duration,
                ..
            } => {
                time(&mcp.session, &[door.as_str(), why.as_str()], *duration);
            }
            HubEvent::AskFinished {
                method,
                outcome,
                duration,
            } => {
                time(&mcp.ask, &[method.as_str(), outcome.as_str()], *duration);
            }
            HubEvent::NotificationForwarded { from, method, .. } => {
                count(&mcp.notifications, &[from.as_str(), method.as_str()]);
            }
            HubEvent::MessageDropped { from, why, .. } => {
                count(&mcp.dropped, &[from.as_str(), why.as_str()]);
            }
            HubEvent::Overflow { bound } => count(&mcp.overflow, &[bound.as_str()]),
            HubEvent::Refused { refusal } => self.refusal(refusal.reason()),
            HubEvent::GarbageDropped { .. } => self.0.families.server.garbage.inc(),
            HubEvent::ServerInitialized { duration, .. } => self.server_up(*duration),
            HubEvent::HandshakeFailed { loss, .. } => self.server_lost(*loss, 0),
            HubEvent::ServerLost { loss, failed_calls } => self.server_lost(*loss, *failed_calls),
            HubEvent::RequestStarted { .. }
            | HubEvent::RequestSent { .. }
            | HubEvent::AskStarted { .. }
            | HubEvent::HandshakeStarted => {}
        }
    }

    /// Keeps the trace of a call that was observed.
    pub fn exemplar(&self, call: &Call, context: &Context) {
        self.0.operations.exemplar(&self.0.traces, call, context);
    }

    /// A queue of the driver was full.
    pub fn overflow(&self, queue: Queue) {
        count(&self.0.families.mcp.overflow, &[queue.label()]);
    }

    /// A client came back to a stream.
    pub fn resumption(&self, outcome: Resumption) {
        count(&self.0.families.mcp.resumptions, &[outcome.label()]);
    }

    /// A request was refused, by the hub or before it; `reason` is a bounded label.
    pub fn refusal(&self, reason: &'static str) {
        count(&self.0.families.mcp.refusals, &[reason]);
    }

    /// The server wrote a line to its stderr.
    pub fn stderr_line(&self) {
        self.0.families.server.stderr.inc();
    }

    /// An HTTP exchange is over; no status if its client left before an answer.
    pub fn http(&self, door: Door, status: Option<StatusCode>, bytes_in: usize, bytes_out: usize) {
        self.0.http.count(door, status, bytes_in, bytes_out);
    }

    /// The registry, for metrics of the backend.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// Where the exporter of OTLP counts.
    pub fn telemetry(&self) -> &Counts {
        &self.0.telemetry
    }

    /// The traces of the histograms' buckets.
    pub fn exemplars(&self) -> &Exemplars {
        &self.0.exemplars
    }

    /// Everything as it is now.
    pub fn gather(&self, gauges: &FleetGauges) -> Vec<MetricFamily> {
        gauges::show(gauges, &self.0.families.now);
        self.0.registry.gather()
    }

    /// Everything, in a format of Prometheus.
    ///
    /// # Errors
    /// If a family cannot be written, which its registration rules out.
    pub fn encode(&self, gauges: &FleetGauges, format: Format) -> prometheus::Result<String> {
        hivewright_telemetry::encode(&self.gather(gauges), format, &self.0.exemplars)
    }

    /// Everything, in the Prometheus text format.
    ///
    /// # Errors
    /// If a family cannot be written, which its registration rules out.
    pub fn scrape(&self, gauges: &FleetGauges) -> prometheus::Result<String> {
        self.encode(gauges, Format::Text)
    }

    fn server_up(&self, handshake: Duration) {
        let server = &self.0.families.server;
        server.handshake.observe(handshake.as_secs_f64());
    }

    fn server_lost(&self, loss: Loss, failed_calls: usize) {
        let server = &self.0.families.server;
        count(&server.restarts, &[loss.reason()]);
        server.lost_calls.inc_by(failed_calls as u64);
    }
}

fn count(family: &IntCounterVec, labels: &[&str]) {
    family.with_label_values(labels).inc();
}

fn time(family: &HistogramVec, labels: &[&str], duration: Duration) {
    family
        .with_label_values(labels)
        .observe(duration.as_secs_f64());
}

/// Counters that alerts are made of exist from the start, so that their first rise is seen.
fn begin_at_zero(families: &Families) {
    for loss in Loss::ALL {
        families.server.restarts.with_label_values(&[loss.reason()]);
    }
    for queue in Queue::ALL {
        families.mcp.overflow.with_label_values(&[queue.label()]);
    }
    for outcome in Resumption::ALL {
        let resumptions = &families.mcp.resumptions;
        resumptions.with_label_values(&[outcome.label()]);
    }
    for bound in Bound::ALL {
        families.mcp.overflow.with_label_values(&[bound.as_str()]);
    }
    for from in Side::ALL {
        for why in DropReason::ALL {
            families
                .mcp
                .dropped
                .with_label_values(&[from.as_str(), why.as_str()]);
        }
    }
}
