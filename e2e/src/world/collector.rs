//! An OTLP collector that keeps what it gets and says so: `GET /got`.

use axum::{Json, Router, extract::State, routing::get};
use hivewright_telemetry::collector::{Collector, attribute, otlp, text};
use serde::{Deserialize, Serialize};

/// Where it listens: the port of OTLP over HTTP (OpenTelemetry protocol specification).
pub const PORT: u16 = 4318;
/// Where it says what it got.
pub const GOT: &str = "/got";

/// All that came so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Got {
    /// Spans.
    pub spans: Vec<Span>,
    /// Log records.
    pub records: Vec<Record>,
    /// Names of metrics, each once.
    pub metrics: Vec<String>,
    /// `service.name` and `k8s.namespace.name` of the last request's resource.
    pub resource: (String, String),
}

/// One span; ids are hexadecimal.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Span {
    /// Its trace.
    pub trace: String,
    /// Itself.
    pub id: String,
    /// The one above; empty for the first of a trace.
    pub parent: String,
    /// What it tells of.
    pub name: String,
    /// In nanoseconds.
    pub duration: u64,
}

/// One log record.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// What kind of event it is, if its body has a schema.
    pub event: String,
    /// What is said.
    pub body: String,
    /// The trace that it belongs to; empty if it belongs to none.
    pub trace: String,
}

/// The endpoints of the collector, and what it got.
pub fn router() -> Router {
    let collector = Collector::default();
    let said = Router::new().route(GOT, get(got)).with_state(collector.clone());
    collector.router().merge(said)
}

async fn got(State(collector): State<Collector>) -> Json<Got> {
    let got = collector.got();
    let mut metrics: Vec<String> = got.metrics.iter().map(|metric| metric.name.clone()).collect();
    metrics.sort_unstable();
    metrics.dedup();
    let resource = |name| attribute(&got.resource, name).unwrap_or_default();
    Json(Got {
        spans: got.spans.iter().map(span).collect(),
        records: got.records.iter().map(record).collect(),
        metrics,
        resource: (resource("service.name"), resource("k8s.namespace.name")),
    })
}

fn span(span: &otlp::trace::v1::Span) -> Span {
    Span {
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        name: span.name.clone(),
        duration: span.end_time_unix_nano.saturating_sub(span.start_time_unix_nano),
    }
}

fn record(record: &otlp::logs::v1::LogRecord) -> Record {
    Record {
        event: record.event_name.clone(),
        body: record.body.as_ref().and_then(text).unwrap_or_default(),
        trace: hex(&record.trace_id),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
