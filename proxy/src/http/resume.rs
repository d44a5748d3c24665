//! Streams that clients come back to (MCP 2025-11-25, Streamable HTTP, Resumability and Redelivery).
//!
//! ```text
//!  POST, GET ──> events in a session that has ids ──keep──> id: STREAM-1, id: STREAM-2 ...
//!  GET with Last-Event-ID: STREAM-1 ──resume──────────────> id: STREAM-2 ...
//! ```

use std::time::Duration;

use hivewright_bridge::{
    io::SessionId,
    protocol::Revision,
    replay::{EventId, PRIMING},
    sse,
};
use http::{HeaderMap, HeaderName};

use super::{answer::Answer, doors::value, rejection::Rejection};
use crate::driver::{Bridge, ClientStream, NotBack, Returning, StreamKind};

/// The event that a client has read last (WHATWG HTML, section 9.2).
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// What clients are asked to wait before they come back: long enough that a proxy that is being
/// replaced is not stormed.
pub const RETRY: Duration = Duration::from_secs(1);

/// Makes an answer of events in this session one that its client can come back to, where the
/// session's revision has that. Any other answer stays as it is.
pub(super) fn keep(answer: Answer, session: &SessionId) -> Answer {
    match answer {
        Answer::Events(opened, first, mut stream) => {
            let revision = stream.keep(session);
            let first = revision
                .and_then(|revision| prime(&stream, revision))
                .or(first);
            Answer::Events(opened, first, stream)
        }
        Answer::Refused(_)
        | Answer::Rejected(..)
        | Answer::Accepted
        | Answer::Done
        | Answer::Json(..) => answer,
    }
}

/// Clients of older revisions take an event without data for a message, which it is not.
fn prime(stream: &ClientStream, revision: Revision) -> Option<bytes::Bytes> {
    let primes = revision >= Revision::V2025_11_25;
    primes.then(|| sse::priming(stream.event_id(PRIMING), RETRY))
}

/// The event that the client wants to read on after, if it says so. An empty id is none.
pub(super) fn last_event(headers: &HeaderMap) -> Result<Option<EventId>, Rejection> {
    match value(headers, &LAST_EVENT_ID)? {
        Some(text) if !text.is_empty() => {
            let event = EventId::parse(&text).ok_or(Rejection::BadEventId)?;
            Ok(Some(event))
        }
        Some(_) | None => Ok(None),
    }
}

/// Reads a stream on. None if it was a listener that is read to its end, or that cannot be read on:
/// the client may have a new one.
///
/// What the official SDKs do with the answer (TypeScript 1.32 and client 2.4, Python 1.30 and 2.3)
/// decides it. Whatever status of 400 or more a GET gets, they repeat it twice with the same id and
/// then have no listener for the rest of the session; 404 does not make them open a new session, and
/// after 405 the TypeScript ones do not even try again. So a listener never gets an error for having
/// been away too long: it begins anew, and its new ids take the place of the old one. An answer
/// cannot begin anew: 409, after which the call fails at the client (Python 2.3), is reported
/// (TypeScript) or runs into its own time limit (Python 1.30). One that was read to its end gets 204,
/// which the TypeScript ones take for the end; 200 without events would make them return for ever.
pub(super) fn resume(
    bridge: &Bridge,
    client: &Returning,
    event: EventId,
) -> Result<Option<Answer>, Rejection> {
    match bridge.resume(client, event) {
        Ok(stream) => Ok(Some(Answer::Events(None, None, stream))),
        Err(NotBack::Lost | NotBack::Over(StreamKind::Listener)) => Ok(None),
        // Tells a client to come back no more (WHATWG HTML, section 9.2.3).
        Err(NotBack::Over(StreamKind::Answer | StreamKind::Sse)) => Ok(Some(Answer::Done)),
        Err(NotBack::Refused(refusal)) => Err(refusal.into()),
        Err(NotBack::NotResumed(why)) => Err(Rejection::NotResumed(why)),
    }
}
