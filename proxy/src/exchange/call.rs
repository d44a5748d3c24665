//! One call of a client, from its exchange to its end.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use hivewright_bridge::{
    event::Outcome,
    io::{FromClient, SessionId},
    protocol::MethodLabel,
};
use hivewright_telemetry::{Context, SpanId};
use tokio::time::Instant;

use super::{Exchange, Marks};
use crate::audit::Program;

/// What a client sends, with the exchange that it comes by, if anybody wants to know that.
#[derive(Debug)]
pub struct Arrival {
    /// What the hub is told.
    pub input: FromClient,
    /// What it comes by.
    pub exchange: Option<Arc<Exchange>>,
}

impl From<FromClient> for Arrival {
    fn from(input: FromClient) -> Self {
        Self {
            input,
            exchange: None,
        }
    }
}

impl From<(FromClient, Option<Arc<Exchange>>)> for Arrival {
    fn from((input, exchange): (FromClient, Option<Arc<Exchange>>)) -> Self {
        Self { input, exchange }
    }
}

/// A span's place below another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The span.
    pub own: Context,
    /// The span above.
    pub parent: SpanId,
    /// Whether that is the client's.
    pub parent_is_remote: bool,
}

/// A call that is over.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whose.
    pub session: SessionId,
    /// Its method.
    pub method: MethodLabel,
    /// The tool that a `tools/call` names.
    pub tool: Option<Arc<str>>,
    /// How it ended.
    pub outcome: Outcome,
    /// As the hub counts it.
    pub duration: Duration,
    /// When it was over.
    pub ended: Instant,
    /// Size of the request, in bytes.
    pub bytes_in: usize,
    /// Size of the answer, in bytes.
    pub bytes_out: usize,
    /// Its place in the trace, if that is recorded.
    pub place: Option<Place>,
    /// When it went to the server, if it did.
    pub marks: Option<Arc<Marks>>,
    /// The client program, if it introduced itself in this session.
    pub program: Option<Arc<Program>>,
    /// The answer, if the audit log wants it.
    pub answer: Option<Bytes>,
}
