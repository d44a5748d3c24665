//! The spans of a call and of its exchange, made when they are over.

use std::borrow::Cow;

use hivewright_telemetry::{Context, Kind, Span};
use tokio::time::Instant;

use super::{Traced, attributes};
use crate::exchange::{Call, Ended, Place};

/// Spans of a call: itself and three phases.
const MOST: usize = 4;

/// The spans of a call: itself, and where its time went.
pub fn of_call(
    trace: &Traced,
    arrived: Instant,
    call: &Call,
    place: &Place,
    legacy: bool,
) -> Vec<Span> {
    let own = Span {
        parent: Some(place.parent),
        parent_is_remote: place.parent_is_remote,
        state: trace.state.clone(),
        kind: Kind::Server,
        attributes: attributes::of_call(trace, call, legacy),
        status: attributes::status_of_call(call.outcome),
        ..Span::new(
            place.own,
            name_of(call),
            trace.time(arrived),
            trace.time(call.ended),
        )
    };
    let mut spans = Vec::with_capacity(MOST);
    spans.push(own);
    let Some(taken) = call.marks.as_ref().and_then(|marks| marks.taken()) else {
        return spans;
    };
    // The answer may be there before whoever writes asks for more.
    let written = call.marks.as_ref().and_then(|marks| marks.written());
    let written = written
        .unwrap_or(call.ended)
        .clamp(taken, call.ended.max(taken));
    let phase = |name, from, to| below(trace, &place.own, name, (from, to));
    spans.push(phase("queue", arrived, taken));
    spans.push(phase("write to server", taken, written));
    spans.push(Span {
        kind: Kind::Client,
        ..phase("server", written, call.ended.max(written))
    });
    spans
}

/// The spans of an exchange: itself, and the way of the last answer to the client.
pub fn of_exchange(
    trace: &Traced,
    ended: &Ended,
    answered: Option<Instant>,
    legacy: bool,
) -> Vec<Span> {
    let now = Instant::now();
    let own = Span {
        parent: trace.parent,
        parent_is_remote: trace.parent.is_some(),
        links: trace.link.into_iter().collect(),
        state: trace.state.clone(),
        kind: Kind::Server,
        attributes: attributes::of_exchange(ended, legacy),
        status: attributes::status_of_exchange(ended),
        ..Span::new(
            trace.http,
            [ended.method, " ", ended.door.route()].concat(),
            trace.time(ended.started),
            trace.time(now),
        )
    };
    let write = answered.map(|at| below(trace, &trace.http, "write to client", (at, now)));
    std::iter::once(own).chain(write).collect()
}

/// `{mcp.method.name} {gen_ai.tool.name}`. What a client calls a tool that the server may not have
/// is its own text, so a name is only said where the server answered.
fn name_of(call: &Call) -> Cow<'static, str> {
    use hivewright_bridge::event::Outcome;
    let method = call.method.as_str();
    match (&call.tool, call.outcome) {
        (Some(tool), Outcome::Ok | Outcome::ToolError | Outcome::InputRequired) => {
            [method, " ", tool].concat().into()
        }
        (Some(_) | None, _) => method.into(),
    }
}

fn below(
    trace: &Traced,
    above: &Context,
    name: &'static str,
    (from, to): (Instant, Instant),
) -> Span {
    Span {
        parent: Some(above.span),
        state: trace.state.clone(),
        ..Span::new(above.child(), name, trace.time(from), trace.time(to))
    }
}
