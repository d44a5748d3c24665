//! What the controller counts. Names and labels are those of `metrics.snapshot.txt`, which
//! dashboards and alerts are checked against.
//!
//! Label values are enums, words of the access table, HTTP codes or names of MCPServers.

mod condition;
mod families;
mod journal;
mod readers;
mod servers;

use std::time::Duration;

use hivewright_core::metric::{self, Delta};
use hivewright_core::{Event, Part, Reason, Severity};
use hivewright_telemetry::{Context, Counts, Exemplars, FamilyExemplars, Format};
use http::StatusCode;
use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge, Registry, proto::MetricFamily};

use crate::access;

use families::{
    RECONCILE_BUCKETS, RECONCILE_DURATION, add, build_info, counter, duration, leader, plain,
    started,
};

pub use condition::ConditionFact;
pub use journal::JournalMetrics;
pub(crate) use readers::{OpenStream, count};
pub use servers::{ServerFact, Servers};

/// How a pass over one MCPServer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing had to be said or written.
    Unchanged,
    /// Something was written or a fact was published.
    Changed,
    /// Something that the server depends on has not been seen yet; its arrival asks for a pass.
    Waiting,
    /// A call to the API server failed; the pass is repeated later.
    Failed,
    /// The object cannot be read as an MCPServer.
    Invalid,
}

impl Outcome {
    /// Value of the label `outcome`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Changed => "changed",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Invalid => "invalid",
        }
    }
}

/// What came of a request to the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// An answer with this status.
    Answered(StatusCode),
    /// None: its certificate is not trusted, or ours is not.
    Distrusted,
    /// None, for any other reason.
    Unanswered,
}

impl Code {
    /// Value of the label `code`.
    fn as_str(&self) -> &str {
        match self {
            Self::Answered(status) => status.as_str(),
            Self::Distrusted => "tls",
            Self::Unanswered => "error",
        }
    }
}

/// Handles of every family; cheap to clone, all clones count into the same registry.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    reconcile_duration: Histogram,
    reconciles: IntCounterVec,
    events: IntCounterVec,
    writes: IntCounterVec,
    restarts: IntCounter,
    became_ready: IntCounter,
    lost_readiness: IntCounterVec,
    api_requests: IntCounterVec,
    watch_errors: IntCounterVec,
    probes: IntCounterVec,
    leader: IntGauge,
    readers: readers::ReaderMetrics,
    telemetry: Counts,
    exemplars: Exemplars,
    reconcile_exemplars: FamilyExemplars,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Fresh families in a registry of their own.
    pub fn new() -> Self {
        let metrics = Self::register(Registry::new());
        build_info(&metrics.registry);
        started(&metrics.registry);
        metrics.begin_at_zero();
        metrics
    }

    fn register(registry: Registry) -> Self {
        let exemplars = Exemplars::default();
        let count = |name, help, labels: &[&str]| counter(&registry, name, help, labels);
        Self {
            telemetry: Counts::register(&registry),
            reconcile_exemplars: exemplars.family(RECONCILE_DURATION, RECONCILE_BUCKETS),
            exemplars,
            reconcile_duration: duration(&registry),
            reconciles: count(
                "reconciles_total",
                "Passes over one MCPServer",
                &["outcome"],
            ),
            events: count(
                "events_total",
                "Facts that became true",
                &["type", "reason"],
            ),
            writes: count(
                "writes_total",
                "Planned writes; a failure that repeats itself is counted once",
                &["part", "outcome"],
            ),
            restarts: plain(
                &registry,
                "server_restarts_total",
                "Restarts of MCP server containers",
            ),
            became_ready: plain(
                &registry,
                "servers_became_ready_total",
                "Times that an MCPServer became ready",
            ),
            lost_readiness: count(
                "servers_lost_readiness_total",
                "Times that an MCPServer ceased to be ready",
                &["reason"],
            ),
            api_requests: count(
                "api_requests_total",
                "Requests sent to the API server; code is the HTTP status; tls if a certificate is not trusted, error if no answer came for another reason",
                &["verb", "resource", "code"],
            ),
            watch_errors: count(
                "watch_errors_total",
                "Watches that broke and were begun again",
                &["resource"],
            ),
            probes: count(
                "enforcement_probes_total",
                "Knocks at proxies that show whether NetworkPolicies are acted on, by what they showed",
                &["verdict"],
            ),
            leader: leader(&registry),
            readers: readers::ReaderMetrics::register(&registry),
            registry,
        }
    }

    /// What dashboards and alerts look at for its rise is there from the start: the rise of a counter
    /// that begins with 1 is not seen.
    fn begin_at_zero(&self) {
        for reason in Reason::ALL {
            let warning = [Severity::Warning.as_str(), reason.as_str()];
            self.events.with_label_values(&warning);
            self.lost_readiness.with_label_values(&[reason.as_str()]);
        }
        for part in Part::ALL {
            let failed = [part.as_str(), metric::Outcome::Failed.as_str()];
            self.writes.with_label_values(&failed);
        }
    }

    /// One pass ended, which was recorded in this span if it was.
    pub fn reconciled(&self, outcome: Outcome, took: Duration, span: Option<&Context>) {
        let seconds = took.as_secs_f64();
        self.reconcile_duration.observe(seconds);
        if let Some(span) = span {
            self.reconcile_exemplars.record(&[], seconds, span);
        }
        self.reconciles.with_label_values(&[outcome.as_str()]).inc();
    }

    /// What one event changes.
    pub fn fold(&self, event: &Event) {
        for delta in metric::fold(event) {
            match delta {
                Delta::Event { reason, severity } => {
                    self.events
                        .with_label_values(&[severity.as_str(), reason.as_str()])
                        .inc();
                }
                Delta::Write { part, outcome } => {
                    self.writes
                        .with_label_values(&[part.as_str(), outcome.as_str()])
                        .inc();
                }
                Delta::Restarts(more) => self.restarts.inc_by(more.into()),
                Delta::BecameReady => self.became_ready.inc(),
                Delta::LostReadiness { reason } => {
                    self.lost_readiness
                        .with_label_values(&[reason.as_str()])
                        .inc();
                }
            }
        }
    }

    /// One request was answered, or not.
    pub fn api_request(&self, asked: Option<&access::Request>, code: Code) {
        let verb = asked.map_or("other", |request| request.verb.as_str());
        let resource = asked.map_or("other", access::Request::resource_label);
        self.api_requests
            .with_label_values(&[verb, resource, code.as_str()])
            .inc();
    }

    /// A watch works: it is counted from now on, so that the first time that it breaks is seen.
    pub fn watch_works(&self, resource: &'static str) {
        self.watch_errors.with_label_values(&[resource]);
    }

    /// A watch broke.
    pub fn watch_broke(&self, resource: &'static str) {
        self.watch_errors.with_label_values(&[resource]).inc();
    }

    /// A proxy was knocked at.
    pub(crate) fn probed(&self, verdict: &'static str) {
        self.probes.with_label_values(&[verdict]).inc();
    }

    /// This process reconciles, or stands by.
    pub fn leads(&self, leads: bool) {
        self.leader.set(i64::from(leads));
    }

    /// Whether this controller works now: the gauge is the one place that knows.
    pub fn is_leader(&self) -> bool {
        self.leader.get() == 1
    }

    /// Adds the gauges that are read from the caches when somebody scrapes.
    pub fn add_servers(&self, servers: Servers) {
        add(&self.registry, servers);
    }

    /// Adds the families of the journal, which a controller without one does not have.
    pub fn journal(&self) -> JournalMetrics {
        JournalMetrics::register(&self.registry)
    }

    /// Where the exporter of OTLP counts.
    pub const fn telemetry(&self) -> &Counts {
        &self.telemetry
    }

    /// The traces of the histograms' buckets.
    pub const fn exemplars(&self) -> &Exemplars {
        &self.exemplars
    }

    /// Everything as it is now.
    pub fn gather(&self) -> Vec<MetricFamily> {
        self.registry.gather()
    }

    /// Everything, in a format of Prometheus.
    ///
    /// # Errors
    /// When a family cannot be written as text.
    pub fn encode_as(&self, format: Format) -> Result<String, prometheus::Error> {
        hivewright_telemetry::encode(&self.gather(), format, &self.exemplars)
    }

    /// Everything, in the Prometheus text format.
    ///
    /// # Errors
    /// When a family cannot be written as text.
    pub fn encode(&self) -> Result<String, prometheus::Error> {
        self.encode_as(Format::Text)
    }
}

#[cfg(test)]
mod tests;
