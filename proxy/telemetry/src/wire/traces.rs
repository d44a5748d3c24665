//! Spans.

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    resource::v1::Resource,
    trace::v1::{self as otlp, ResourceSpans, ScopeSpans, span::SpanKind, status::StatusCode},
};

use super::common::{attributes, nanoseconds, scope};
use crate::{
    context::Context,
    span::{Event, Kind, Span, Status},
};

/// Bit of `flags` that says that the next one is known (`SpanFlags` of OTLP).
const HAS_IS_REMOTE: u32 = 0x100;
/// Bit of `flags` that says that the parent is another process's.
const IS_REMOTE: u32 = 0x200;

/// One request with these spans.
pub(crate) fn request(resource: &Resource, spans: Vec<Span>) -> ExportTraceServiceRequest {
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
        kind: kind(span.kind) as i32,
        start_time_unix_nano: nanoseconds(span.start),
        end_time_unix_nano: nanoseconds(span.end),
        attributes: attributes(span.attributes),
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

const fn kind(kind: Kind) -> SpanKind {
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
        attributes: attributes(event.attributes),
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
