//! Spans.

use opentelemetry_proto::tonic::{
    resource::v1::Resource,
    trace::v1::{span::SpanKind, status::StatusCode},
};
use prost::Message as _;

use super::{
    common::nanoseconds,
    proto::{self, Field, Writer},
};
use crate::{
    context::Context,
    ids::SpanId,
    span::{Event, Kind, Span, Status},
    value::{Attribute, Value},
};

/// Bit of `flags` that says that the next one is known (`SpanFlags` of OTLP).
const HAS_IS_REMOTE: u32 = 0x100;
/// Bit of `flags` that says that the parent is another process's.
const IS_REMOTE: u32 = 0x200;
/// Bytes that a span takes, roughly.
const SPAN: usize = 320;

/// One request with these spans: an `ExportTraceServiceRequest`, encoded. Numbers of fields are those
/// of opentelemetry-proto 1.x, `trace/v1/trace.proto` and what it imports.
pub(crate) fn request(resource: &Resource, spans: &[Span]) -> Vec<u8> {
    let mut all = Writer::with_capacity(spans.len() * SPAN);
    all.message(1, |of_resource| {
        of_resource.present_bytes(1, &resource.encode_to_vec());
        of_resource.message(2, |of_scope| {
            of_scope.present_bytes(1, &super::common::scope().encode_to_vec());
            for span in spans {
                of_scope.message(2, |to| write(to, span));
            }
        });
    });
    all.into_bytes()
}

fn write(to: &mut Writer, span: &Span) {
    let remote = if span.parent_is_remote { IS_REMOTE } else { 0 };
    to.bytes(1, &span.context.trace.bytes());
    to.bytes(2, &span.context.span.bytes());
    to.bytes(3, span.state.as_deref().unwrap_or_default().as_bytes());
    if let Some(parent) = span.parent.as_ref().map(SpanId::bytes) {
        to.bytes(4, &parent);
    }
    to.bytes(5, span.name.as_bytes());
    to.number(6, kind(span.kind) as u64);
    to.fixed64(7, nanoseconds(span.start));
    to.fixed64(8, nanoseconds(span.end));
    attributes(to, 9, &span.attributes);
    for event in &span.events {
        to.message(11, |to| write_event(to, event));
    }
    for link in &span.links {
        to.message(13, |to| write_link(to, link));
    }
    write_status(to, &span.status);
    let flags = u32::from(span.context.flags()) | HAS_IS_REMOTE | remote;
    to.fixed32(16, flags);
}

fn write_event(to: &mut Writer, event: &Event) {
    to.fixed64(1, nanoseconds(event.time));
    to.bytes(2, event.name.as_bytes());
    attributes(to, 3, &event.attributes);
}

fn write_link(to: &mut Writer, link: &Context) {
    to.bytes(1, &link.trace.bytes());
    to.bytes(2, &link.span.bytes());
    to.fixed32(6, u32::from(link.flags()) | HAS_IS_REMOTE | IS_REMOTE);
}

fn write_status(to: &mut Writer, status: &Status) {
    match status {
        Status::Unset => {}
        Status::Error(message) => to.message(15, |to| {
            to.bytes(2, message.as_bytes());
            to.number(3, StatusCode::Error as u64);
        }),
    }
}

/// Most of what is written are attributes, so their lengths are told before and nothing is moved.
fn attributes(to: &mut Writer, field: Field, attributes: &[Attribute]) {
    for (name, value) in attributes {
        let length = length_of(value);
        to.announce(
            field,
            proto::delimited(name.len()) + proto::delimited(length),
        );
        to.present_bytes(1, name.as_bytes());
        to.announce(2, length);
        write_value(to, value);
    }
}

/// Bytes that [`write_value`] writes.
fn length_of(value: &Value) -> usize {
    match value {
        Value::Text(text) => proto::delimited(text.len()),
        Value::Shared(text) => proto::delimited(text.len()),
        Value::Bool(_) => 2,
        Value::Int(number) => 1 + proto::varint(number.cast_unsigned()),
        Value::Float(_) => 9,
    }
}

fn write_value(to: &mut Writer, value: &Value) {
    match value {
        Value::Text(text) => to.present_bytes(1, text.as_bytes()),
        Value::Shared(text) => to.present_bytes(1, text.as_bytes()),
        Value::Bool(yes) => to.present_number(2, (*yes).into()),
        Value::Int(number) => to.present_number(3, number.cast_unsigned()),
        Value::Float(number) => to.present_fixed64(4, number.to_bits()),
    }
}

const fn kind(kind: Kind) -> SpanKind {
    match kind {
        Kind::Internal => SpanKind::Internal,
        Kind::Server => SpanKind::Server,
        Kind::Client => SpanKind::Client,
    }
}

#[cfg(test)]
mod tests;
