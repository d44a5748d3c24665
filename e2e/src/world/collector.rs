//! An OTLP collector that keeps what it gets and says so: `GET /got`, all of it, or
//! `GET /got?namespace=NAME`, the traces that have a span with this `k8s.namespace.name`.

use std::collections::{BTreeMap, HashSet};

use axum::{
    Json, Router,
    extract::{Query, State},
    routing::get,
};
use hivewright_telemetry::collector::{self, Collector, attribute, otlp, text};
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
#[serde(default)]
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
    /// Its attributes as text.
    pub attributes: BTreeMap<String, String>,
    /// Names of what happened within it.
    pub events: Vec<String>,
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
    let said = Router::new()
        .route(GOT, get(got))
        .with_state(collector.clone());
    collector.router().merge(said)
}

/// What of it is asked for.
#[derive(Debug, Deserialize)]
struct Asked {
    namespace: Option<String>,
}

impl Asked {
    /// The traces that are; `None`: all.
    fn traces(&self, got: &collector::Got) -> Option<HashSet<Vec<u8>>> {
        let namespace = self.namespace.as_ref()?;
        let of = |span: &&otlp::trace::v1::Span| {
            attribute(&span.attributes, "k8s.namespace.name").as_ref() == Some(namespace)
        };
        let spans = got.spans.iter().filter(of);
        Some(spans.map(|span| span.trace_id.clone()).collect())
    }
}

async fn got(State(collector): State<Collector>, Query(asked): Query<Asked>) -> Json<Got> {
    let got = collector.got();
    let traces = asked.traces(&got);
    let asked = |trace: &Vec<u8>| traces.as_ref().is_none_or(|traces| traces.contains(trace));
    let mut metrics: Vec<String> = got
        .metrics
        .iter()
        .map(|metric| metric.name.clone())
        .collect();
    metrics.sort_unstable();
    metrics.dedup();
    let resource = |name| attribute(&got.resource, name).unwrap_or_default();
    Json(Got {
        spans: got
            .spans
            .iter()
            .filter(|span| asked(&span.trace_id))
            .map(span)
            .collect(),
        records: got
            .records
            .iter()
            .filter(|record| asked(&record.trace_id))
            .map(record)
            .collect(),
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
        duration: span
            .end_time_unix_nano
            .saturating_sub(span.start_time_unix_nano),
        attributes: texts(&span.attributes),
        events: span.events.iter().map(|event| event.name.clone()).collect(),
    }
}

fn record(record: &otlp::logs::v1::LogRecord) -> Record {
    Record {
        event: record.event_name.clone(),
        body: record.body.as_ref().and_then(text).unwrap_or_default(),
        trace: hex(&record.trace_id),
    }
}

fn texts(attributes: &[otlp::common::v1::KeyValue]) -> BTreeMap<String, String> {
    let names = attributes.iter().map(|attribute| attribute.key.clone());
    let each = names.filter_map(|name| Some((attribute(attributes, &name)?, name)));
    each.map(|(value, name)| (name, value)).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
