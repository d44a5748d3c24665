//! What is written is what opentelemetry-proto's own types would have written.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{self as otlp, ResourceSpans, ScopeSpans},
};
use prost::Message as _;

use super::*;
use crate::{
    sampling::Sampler,
    wire::common::{self, scope},
};

/// The same request, by way of messages.
fn expected(resource: &Resource, spans: Vec<Span>) -> ExportTraceServiceRequest {
    let spans = ScopeSpans {
        scope: Some(scope()),
        spans: spans.into_iter().map(span).collect(),
        ..ScopeSpans::default()
    };
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource.clone()),
            scope_spans: vec![spans],
            ..ResourceSpans::default()
        }],
    }
}

fn span(span: Span) -> otlp::Span {
    let remote = if span.parent_is_remote { IS_REMOTE } else { 0 };
    otlp::Span {
        trace_id: span.context.trace.bytes().to_vec(),
        span_id: span.context.span.bytes().to_vec(),
        trace_state: span.state.as_deref().unwrap_or_default().to_owned(),
        parent_span_id: span
            .parent
            .map_or_else(Vec::new, |parent| parent.bytes().to_vec()),
        flags: u32::from(span.context.flags()) | HAS_IS_REMOTE | remote,
        name: span.name.into_owned(),
        kind: kind_of(span.kind) as i32,
        start_time_unix_nano: nanoseconds(span.start),
        end_time_unix_nano: nanoseconds(span.end),
        attributes: common::attributes(span.attributes),
        events: span.events.into_iter().map(event).collect(),
        links: span.links.iter().map(link).collect(),
        status: status(span.status),
        ..otlp::Span::default()
    }
}

fn link(to: &Context) -> otlp::span::Link {
    otlp::span::Link {
        trace_id: to.trace.bytes().to_vec(),
        span_id: to.span.bytes().to_vec(),
        flags: u32::from(to.flags()) | HAS_IS_REMOTE | IS_REMOTE,
        ..otlp::span::Link::default()
    }
}

const fn kind_of(kind: Kind) -> SpanKind {
    match kind {
        Kind::Internal => SpanKind::Internal,
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
    }
}

fn event(event: Event) -> otlp::span::Event {
    otlp::span::Event {
        time_unix_nano: nanoseconds(event.time),
        name: event.name.into_owned(),
        attributes: common::attributes(event.attributes),
        ..otlp::span::Event::default()
    }
}

fn status(status: Status) -> Option<otlp::Status> {
    match status {
        Status::Unset => None,
        Status::Error(message) => Some(otlp::Status {
            message: message.into_owned(),
            code: StatusCode::Error as i32,
        }),
    }
}

fn place() -> Context {
    let all = Sampler::parent_based(1.0);
    all.decide(None).expect("all are recorded")
}

/// A span with something in every field.
fn full(text: usize) -> Span {
    let (start, parent) = (
        SystemTime::UNIX_EPOCH + Duration::from_nanos(1_790_000_000_123_456_789),
        place(),
    );
    let long = "x".repeat(text);
    Span {
        parent: Some(parent.span),
        parent_is_remote: true,
        links: vec![place(), place()],
        state: Some("v=1".into()),
        kind: Kind::Server,
        attributes: vec![
            ("empty", "".into()),
            ("text", long.clone().into()),
            ("shared", std::sync::Arc::<str>::from("s").into()),
            ("zero", 0_i64.into()),
            ("negative", Value::Int(-7)),
            ("large", u64::MAX.into()),
            ("float", 0.0.into()),
            ("no", false.into()),
            ("yes", true.into()),
        ],
        events: vec![Event {
            name: Cow::Owned(long.clone()),
            time: start,
            attributes: vec![("a", "b".into())],
        }],
        status: Status::Error(Cow::Owned(long)),
        ..Span::new(
            place(),
            "tools/call fetch",
            start,
            start + Duration::from_micros(7),
        )
    }
}

#[rstest::rstest]
#[case::nothing(0)]
#[case::short(1)]
#[case::a_length_of_one_byte_at_most(127)]
#[case::a_length_of_two_bytes_at_least(128)]
#[case::two_bytes_at_most(16_383)]
#[case::three_bytes(16_384)]
#[case::far_more(200_000)]
fn every_field_is_read_back_as_it_was(#[case] text: usize) {
    let resource = common::resource(&[("service.name".to_owned(), "s".to_owned())]);
    let bare = Span::new(place(), "", SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH);
    let spans = vec![full(text), bare, full(text)];
    let written = request(&resource, &spans);
    let read = ExportTraceServiceRequest::decode(&*written).expect("it is protobuf");
    assert_eq!(read, expected(&resource, spans));
}
