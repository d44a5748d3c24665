//! The two signals that have a queue.

use bytes::Bytes;
use opentelemetry_proto::tonic::{
    collector::{logs::v1::ExportLogsServiceResponse, trace::v1::ExportTraceServiceResponse},
    resource::v1::Resource,
};
use prost::Message as _;

use super::items::Queued;
use crate::{queue::Item, record::Record, span::Span, wire};

/// Spans.
#[derive(Debug)]
pub(crate) struct Traces;

/// Log records.
#[derive(Debug)]
pub(crate) struct Logs;

impl Item for Span {
    fn weight(&self) -> usize {
        Self::weight(self)
    }
}

impl Item for Record {
    fn weight(&self) -> usize {
        Self::weight(self)
    }
}

impl Queued for Traces {
    type Item = Span;

    fn request(resource: &Resource, spans: Vec<Span>) -> Vec<u8> {
        wire::traces::request(resource, &spans)
    }

    fn rejected(answer: Bytes) -> u64 {
        let answer = ExportTraceServiceResponse::decode(answer).ok();
        let partly = answer.and_then(|answer| answer.partial_success);
        partly.map_or(0, |partly| count(partly.rejected_spans))
    }
}

impl Queued for Logs {
    type Item = Record;

    fn request(resource: &Resource, records: Vec<Record>) -> Vec<u8> {
        wire::logs::request(resource, records).encode_to_vec()
    }

    fn rejected(answer: Bytes) -> u64 {
        let answer = ExportLogsServiceResponse::decode(answer).ok();
        let partly = answer.and_then(|answer| answer.partial_success);
        partly.map_or(0, |partly| count(partly.rejected_log_records))
    }
}

/// A count that cannot be negative.
pub(super) fn count(rejected: i64) -> u64 {
    u64::try_from(rejected).unwrap_or(0)
}
