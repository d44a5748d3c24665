//! The proxy's log as a fold over the hub's events, and the server's own log (its stderr).
//!
//! Calls are not told here: the access log has one record each, and metrics count them.

use std::time::Duration;

use hivewright_bridge::{
    event::{CloseReason, Door, HubEvent},
    io::{Loss, SessionId},
    protocol::Revision,
};

/// Whether [`event`] has something to say about this event. Asked under the driver's lock, so that
/// only such events are kept until it is given back.
pub fn tells(event: &HubEvent) -> bool {
    match event {
        HubEvent::SessionOpened { .. }
        | HubEvent::SessionClosed { .. }
        | HubEvent::GarbageDropped { .. }
        | HubEvent::Overflow { .. }
        | HubEvent::HandshakeStarted
        | HubEvent::ServerInitialized { .. }
        | HubEvent::HandshakeFailed { .. }
        | HubEvent::ServerLost { .. } => true,
        HubEvent::RequestStarted { .. }
        | HubEvent::RequestSent { .. }
        | HubEvent::RequestFinished { .. }
        | HubEvent::AskStarted { .. }
        | HubEvent::AskFinished { .. }
        | HubEvent::NotificationForwarded { .. }
        | HubEvent::MessageDropped { .. }
        | HubEvent::Refused { .. } => false,
    }
}

/// Writes one event to the log.
pub fn event(event: &HubEvent) {
    match event {
        HubEvent::SessionOpened {
            session,
            door,
            revision,
        } => tracing::info!(
            session = prefix(session),
            door = door.as_str(),
            revision = revision.as_str(),
            "session opened"
        ),
        HubEvent::SessionClosed {
            session,
            door,
            why,
            duration,
        } => {
            closed(session, *door, *why, *duration);
        }
        HubEvent::GarbageDropped { bytes, excerpt } => {
            tracing::warn!(
                bytes,
                excerpt = &**excerpt,
                "server wrote no message to stdout"
            );
        }
        HubEvent::Overflow { bound } => {
            tracing::warn!(bound = bound.as_str(), "a bound was reached");
        }
        HubEvent::HandshakeStarted => tracing::info!("initialize sent to the server"),
        HubEvent::ServerInitialized {
            name,
            version,
            revision,
            changed,
            duration,
        } => {
            initialized((name, version), *revision, *changed, *duration);
        }
        HubEvent::HandshakeFailed { loss, excerpt } => handshake_failed(*loss, excerpt),
        HubEvent::ServerLost { loss, failed_calls } => lost(*loss, *failed_calls),
        HubEvent::RequestStarted { .. }
        | HubEvent::RequestSent { .. }
        | HubEvent::RequestFinished { .. }
        | HubEvent::AskStarted { .. }
        | HubEvent::AskFinished { .. }
        | HubEvent::NotificationForwarded { .. }
        | HubEvent::MessageDropped { .. }
        | HubEvent::Refused { .. } => {}
    }
}

/// So many lines of garbage were counted, but not logged one by one.
pub fn suppressed(lines: u64) {
    tracing::warn!(
        lines,
        "more lines without a message on stdout were not logged"
    );
}

/// A client came back to its listener, which is not kept any more or not whole, and listens anew:
/// messages for it may be missing.
pub fn listener_lost(session: &SessionId, reason: &'static str) {
    tracing::info!(
        session = prefix(session),
        reason,
        "listener could not be read on and begins anew"
    );
}

fn handshake_failed(loss: Loss, excerpt: &str) {
    let reason = loss.reason();
    tracing::warn!(reason, excerpt, "handshake failed");
}

fn closed(session: &SessionId, door: Door, why: CloseReason, duration: Duration) {
    tracing::info!(
        session = prefix(session),
        door = door.as_str(),
        reason = why.as_str(),
        seconds = duration.as_secs(),
        "session closed"
    );
}

fn lost(loss: Loss, failed_calls: usize) {
    if loss == Loss::Renewed {
        tracing::info!(failed_calls, "server given up after its session");
    } else {
        tracing::warn!(reason = loss.reason(), failed_calls, "server lost");
    }
}

fn initialized(
    (name, version): (&str, &str),
    revision: Option<Revision>,
    changed: bool,
    duration: Duration,
) {
    tracing::info!(
        name,
        version,
        revision = revision.map_or("other", Revision::as_str),
        changed,
        milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
        "server initialized"
    );
}

/// One line of the server's own log, at target `server`.
pub fn stderr(line: &[u8]) {
    tracing::info!(target: "server", line = &*String::from_utf8_lossy(line), "server stderr");
}

/// Characters of a session id that are shown: enough to find it, too few to use it.
const SHOWN: usize = 8;

/// The beginning of a session's id.
pub(crate) fn prefix(session: &SessionId) -> &str {
    session.get(..SHOWN).unwrap_or_default()
}
