//! What a collector keeps.

use std::{collections::VecDeque, sync::Arc};

use axum::http::HeaderMap;
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value},
    logs::v1::LogRecord,
    metrics::v1::Metric,
    resource::v1::Resource,
    trace::v1::Span,
};

/// Most items of each signal that are kept; the oldest go.
pub const MAX_KEPT: usize = 20_000;

/// What came, in the order in which it came.
#[derive(Clone, Debug, Default)]
pub struct Got {
    /// Attributes of the resource of the last request.
    pub resource: Vec<KeyValue>,
    /// Headers of the last request.
    pub headers: HeaderMap,
    /// All spans.
    pub spans: VecDeque<Span>,
    /// All log records.
    pub records: VecDeque<LogRecord>,
    /// All metrics.
    pub metrics: VecDeque<Metric>,
    /// Who sent them.
    pub senders: Senders,
    /// How many requests came, those that were refused among them.
    pub requests: usize,
}

/// Attributes of a resource.
pub type Sender = Arc<Vec<KeyValue>>;

/// Who sent what: of each item the attributes of its resource, in the same order.
#[derive(Clone, Debug, Default)]
pub struct Senders {
    /// Of the spans.
    pub spans: VecDeque<Sender>,
    /// Of the log records.
    pub records: VecDeque<Sender>,
    /// Of the metrics.
    pub metrics: VecDeque<Sender>,
}

impl Got {
    /// The spans, each with its sender.
    pub fn sent_spans(&self) -> impl Iterator<Item = (&Sender, &Span)> {
        self.senders.spans.iter().zip(&self.spans)
    }

    /// The log records, each with its sender.
    pub fn sent_records(&self) -> impl Iterator<Item = (&Sender, &LogRecord)> {
        self.senders.records.iter().zip(&self.records)
    }

    /// The metrics, each with its sender.
    pub fn sent_metrics(&self) -> impl Iterator<Item = (&Sender, &Metric)> {
        self.senders.metrics.iter().zip(&self.metrics)
    }

    pub(super) fn from(&mut self, resource: Option<Resource>) -> Sender {
        self.resource = resource.unwrap_or_default().attributes;
        Arc::new(self.resource.clone())
    }
}

/// Keeps more, and who sent it.
pub(super) fn extend<T>(
    (kept, senders): (&mut VecDeque<T>, &mut VecDeque<Sender>),
    more: impl Iterator<Item = T>,
    sender: &Sender,
) {
    kept.extend(more);
    senders.resize(kept.len(), Arc::clone(sender));
    let over = kept.len().saturating_sub(MAX_KEPT);
    kept.drain(..over);
    senders.drain(..over);
}

/// The value of an attribute, as text; `None` if it is not there or is a list.
pub fn attribute(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    text(found.value.as_ref()?)
}

/// A value as text; `None` if it is a list.
pub fn text(value: &AnyValue) -> Option<String> {
    match value.value.as_ref()? {
        any_value::Value::StringValue(text) => Some(text.clone()),
        any_value::Value::BoolValue(yes) => Some(yes.to_string()),
        any_value::Value::IntValue(number) => Some(number.to_string()),
        any_value::Value::DoubleValue(number) => Some(number.to_string()),
        any_value::Value::ArrayValue(_)
        | any_value::Value::KvlistValue(_)
        | any_value::Value::BytesValue(_)
        | any_value::Value::StringValueStrindex(_) => None,
    }
}
