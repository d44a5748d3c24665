//! What is decided about the trace of one request, before anything is made for it.

use std::{sync::Arc, time::SystemTime};

use bytes::Bytes;
use hivewright_bridge::{protocol::Revision, traced};
use hivewright_telemetry::{Context, SpanId, Telemetry};
use http::{HeaderMap, HeaderName};
use tokio::time::Instant;

use crate::{exchange::Place, http::PROTOCOL_VERSION};

/// Longest `tracestate` that is passed on, in bytes: what the W3C Trace Context asks of everybody
/// (section 3.3.1.5).
pub const MAX_STATE: usize = 512;

const PARENT: HeaderName = HeaderName::from_static(traced::TRACEPARENT);
const STATE: HeaderName = HeaderName::from_static(traced::TRACESTATE);

/// A request whose trace is recorded.
#[derive(Debug)]
pub struct Traced {
    /// The HTTP exchange.
    pub(super) http: Context,
    /// The client's span above it.
    pub(super) parent: Option<SpanId>,
    /// The span of a gateway that knows nothing of the client's trace.
    pub(super) link: Option<Context>,
    /// The one call that it brings, as the server is told.
    call: Place,
    /// `tracestate` beside the parent.
    pub(super) state: Option<Arc<str>>,
    /// Whether the server has to be told the state, because it came by a header.
    state_by_header: bool,
    /// The revision that the client named.
    pub(super) revision: Option<&'static str>,
    /// One moment on both clocks.
    clocks: (SystemTime, Instant),
}

/// What came with a request.
#[derive(Clone, Copy, Debug, Default)]
struct Came {
    header: Option<Context>,
    meta: Option<Context>,
}

impl Traced {
    /// Decides. `_meta` says which trace a call is part of (SEP-414, OpenTelemetry conventions for
    /// MCP); headers count where it says nothing, and say which span of that trace is the nearest.
    /// What they say of another trace is a link.
    pub fn decide(telemetry: &Telemetry, headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        if !telemetry.traces() {
            return None;
        }
        let header = headers.get(&PARENT);
        let said = traced::said(body);
        let meta = said.parent.as_deref().map(str::as_bytes);
        let came = Came {
            header: header.and_then(|value| Context::parse(value.as_bytes())),
            meta: meta.and_then(Context::parse),
        };
        let http = telemetry.sample(came.meta.or(came.header).as_ref())?;
        let state = match came.meta {
            Some(_) => said.state.as_deref(),
            None => headers.get(&STATE).and_then(|value| value.to_str().ok()),
        };
        let state = state.filter(|_| came.meta.or(came.header).is_some());
        let state = state.filter(|state| (1..=MAX_STATE).contains(&state.len()));
        Some(Self::new(http, came, state.map(Arc::from), headers))
    }

    fn new(http: Context, came: Came, state: Option<Arc<str>>, headers: &HeaderMap) -> Self {
        let both = came.header.zip(came.meta);
        let same = both.filter(|(header, meta)| header.trace == meta.trace);
        let other = both.filter(|(header, meta)| header.trace != meta.trace);
        let nearest = match same {
            Some((header, _)) => Some(header),
            None => came.meta.or(came.header),
        };
        let parent = same.map_or(http.span, |(_, meta)| meta.span);
        let version = headers.get(&PROTOCOL_VERSION);
        let version = version.and_then(|version| Revision::parse(version.to_str().ok()?));
        Self {
            http,
            parent: nearest.map(|context| context.span),
            link: other.map(|(header, _)| header),
            call: Place {
                own: http.child(),
                parent,
                parent_is_remote: same.is_some(),
            },
            state_by_header: state.is_some() && came.meta.is_none(),
            state,
            revision: version.map(Revision::as_str),
            clocks: (SystemTime::now(), Instant::now()),
        }
    }

    /// The body, which says where in the trace its one request is; none if it cannot say that.
    pub fn tell(&self, body: &[u8]) -> Option<Bytes> {
        let state = self.state.as_deref().filter(|_| self.state_by_header);
        traced::tell(body, &self.call.own.to_string(), state)
    }

    /// The span of the HTTP exchange.
    pub const fn http(&self) -> &Context {
        &self.http
    }

    /// The place that the server was told.
    pub const fn place(&self) -> Place {
        self.call
    }

    /// A place for another call of the same batch.
    pub fn further_place(&self) -> Place {
        Place {
            own: self.http.child(),
            parent: self.http.span,
            parent_is_remote: false,
        }
    }

    /// This moment as others read it.
    pub(super) fn time(&self, at: Instant) -> SystemTime {
        let (time, instant) = self.clocks;
        match at.checked_duration_since(instant) {
            Some(later) => time + later,
            None => time - instant.duration_since(at),
        }
    }
}

#[cfg(test)]
mod tests;
