//! What the controller counts. Names and labels are those of `metrics.snapshot.txt`, which
//! dashboards and alerts are checked against.
//!
//! Label values are enums, words of the access table, HTTP codes or names of MCPServers.

mod families;
mod servers;

use std::time::Duration;

use hivewright_core::Event;
use hivewright_core::metric::{self, Delta};
use http::StatusCode;
use prometheus::{Histogram, IntCounter, IntCounterVec, IntGauge, Registry, TextEncoder};

use crate::access;

use families::{add, build_info, counter, duration, leader, plain};

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
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Fresh families in a registry of their own.
    pub fn new() -> Self {
        let registry = Registry::new();
        let metrics = Self {
            reconcile_duration: duration(&registry),
            reconciles: counter(
                &registry,
                "reconciles_total",
                "Passes over one MCPServer",
                &["outcome"],
            ),
            events: counter(
                &registry,
                "events_total",
                "Facts that became true",
                &["type", "reason"],
            ),
            writes: counter(
                &registry,
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
            lost_readiness: counter(
                &registry,
                "servers_lost_readiness_total",
                "Times that an MCPServer ceased to be ready",
                &["reason"],
            ),
            api_requests: counter(
                &registry,
                "api_requests_total",
                "Requests sent to the API server; code is the HTTP status, or error if none came",
                &["verb", "resource", "code"],
            ),
            watch_errors: counter(
                &registry,
                "watch_errors_total",
                "Watches that broke and were begun again",
                &["resource"],
            ),
            probes: counter(
                &registry,
                "enforcement_probes_total",
                "Knocks at proxies that show whether NetworkPolicies are acted on, by what they showed",
                &["verdict"],
            ),
            leader: leader(&registry),
            registry,
        };
        build_info(&metrics.registry);
        metrics
    }

    /// One pass ended.
    pub fn reconciled(&self, outcome: Outcome, took: Duration) {
        self.reconcile_duration.observe(took.as_secs_f64());
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

    /// One request was answered, or not (`code` is `None`).
    pub fn api_request(&self, asked: Option<&access::Request>, code: Option<StatusCode>) {
        let verb = asked.map_or("other", |request| request.verb.as_str());
        let resource = asked.map_or("other", access::Request::resource_label);
        let code = code.as_ref().map_or("error", StatusCode::as_str);
        self.api_requests
            .with_label_values(&[verb, resource, code])
            .inc();
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

    /// Adds the gauges that are read from the caches when somebody scrapes.
    pub fn add_servers(&self, servers: Servers) {
        add(&self.registry, servers);
    }

    /// Everything, in the Prometheus text format.
    ///
    /// # Errors
    /// When a family cannot be written as text.
    pub fn encode(&self) -> Result<String, prometheus::Error> {
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_got_no_answer_is_counted_as_an_error() {
        let metrics = Metrics::new();
        metrics.api_request(None, None);
        let text = metrics.encode().unwrap();
        let line = r#"api_requests_total{code="error",resource="other",verb="other"} 1"#;
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn clones_count_into_the_same_registry() {
        let metrics = Metrics::new();
        metrics.clone().leads(true);
        assert!(
            metrics
                .encode()
                .unwrap()
                .contains("hivewright_controller_leader 1")
        );
    }
}
