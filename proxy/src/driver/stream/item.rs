//! What a stream carries.

use bytes::Bytes;
use hivewright_bridge::{io::SessionId, refusal::Refusal, replay::Seq};

/// What arrives on a stream. The end of the stream is the end of the queue.
#[derive(Clone, Debug)]
pub enum StreamItem {
    /// The session of this `Open` exists now; its answer follows.
    Opened(SessionId),
    /// Taken, without an answer; for a listener: the stream is open.
    Accepted,
    /// Refused; nothing follows.
    Refused(Refusal),
    /// One JSON-RPC error, which has this HTTP status if nothing was read before; nothing follows.
    Rejected(u16, Bytes),
    /// One JSON-RPC message; more may follow.
    Message(Bytes),
    /// One JSON-RPC message with its number, on a stream that its client can come back to.
    Event(Seq, Bytes),
    /// One JSON-RPC message; nothing follows.
    Last(Bytes),
    /// Nothing follows, by rule: the call was cancelled, its session was closed, or a newer
    /// listener has taken over. A stream that ends without an item that says so has lost something.
    Ended,
}

impl StreamItem {
    /// Payload in bytes.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Message(bytes)
            | Self::Event(_, bytes)
            | Self::Rejected(_, bytes)
            | Self::Last(bytes) => bytes.len(),
            Self::Opened(_) | Self::Accepted | Self::Refused(_) | Self::Ended => 0,
        }
    }

    /// What of it belongs into a log: the status line of its response is gone, so a refusal is told
    /// as the message that it also is.
    pub(super) fn into_event(self) -> Option<Bytes> {
        match self {
            Self::Message(bytes)
            | Self::Event(_, bytes)
            | Self::Rejected(_, bytes)
            | Self::Last(bytes) => Some(bytes),
            Self::Refused(refusal) => Some(refusal.body(None)),
            Self::Opened(_) | Self::Accepted | Self::Ended => None,
        }
    }
}
