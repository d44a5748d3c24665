//! The HTTP side of one open stream.

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use bytes::Bytes;
use hivewright_bridge::{
    io::{SessionId, StreamKey},
    protocol::Revision,
    replay::{EventId, Origin, Seq},
};

use super::{
    Bridge,
    owners::Owner,
    stream::{StreamItem, StreamReceiver},
};

/// What a stream is for. It decides whether `Accepted` is its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamKind {
    /// The response of a POST or a DELETE.
    Answer,
    /// A GET on `/mcp`.
    Listener,
    /// A GET on `/sse`.
    Sse,
}

impl StreamKind {
    /// How such a stream began, if its client can come back to it.
    pub(super) const fn origin(self) -> Origin {
        match self {
            Self::Answer => Origin::Post,
            Self::Listener | Self::Sse => Origin::Get,
        }
    }
}

/// One open stream. Dropping it before its end tells the hub that the client is gone, which is no
/// cancellation (MCP 2025-11-25, Streamable HTTP, Sending Messages, 6); dropping one that is kept
/// leaves it for the client to come back to.
#[derive(Debug)]
pub struct ClientStream {
    bridge: Bridge,
    key: StreamKey,
    kind: StreamKind,
    receiver: StreamReceiver,
    ended: bool,
    /// Its client can come back to it, even after its end.
    kept: bool,
    /// The owned session that ends with this stream.
    owned: Option<SessionId>,
}

impl ClientStream {
    pub(super) const fn new(
        bridge: Bridge,
        (key, kind): (StreamKey, StreamKind),
        receiver: StreamReceiver,
    ) -> Self {
        Self {
            bridge,
            key,
            kind,
            receiver,
            ended: false,
            kept: false,
            owned: None,
        }
    }

    /// One that is read on.
    pub(super) const fn read_on(
        bridge: Bridge,
        stream: (StreamKey, StreamKind),
        receiver: StreamReceiver,
    ) -> Self {
        let mut stream = Self::new(bridge, stream, receiver);
        stream.kept = true;
        stream
    }

    /// The next item; `None` at the end of the stream.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = self.receiver.poll_next(cx);
        if let Poll::Ready(item) = &next {
            self.ended = match item {
                None
                | Some(
                    StreamItem::Last(_)
                    | StreamItem::Refused(_)
                    | StreamItem::Rejected(..)
                    | StreamItem::Ended,
                ) => true,
                Some(
                    StreamItem::Opened(_)
                    | StreamItem::Accepted
                    | StreamItem::Message(_)
                    | StreamItem::Event(..),
                ) => false,
            };
        }
        next
    }

    /// The next item; `None` at the end of the stream. Cancel-safe.
    pub async fn next(&mut self) -> Option<StreamItem> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// The id of an event of this stream.
    pub const fn event_id(&self, seq: Seq) -> EventId {
        EventId {
            origin: self.kind.origin(),
            stream: self.key,
            seq,
        }
    }

    /// Makes the HTTP+SSE session that lives on this stream the sender's, as long as it lives.
    pub fn own(&mut self, session: SessionId, owner: Owner) {
        self.bridge.0.owners.insert(session.clone(), owner);
        self.owned = Some(session);
    }

    /// Makes it a stream that the clients of this session can come back to; everything from the next
    /// item on comes as [`StreamItem::Event`]. The session's revision, if it has such streams.
    pub fn keep(&mut self, session: &SessionId) -> Option<Revision> {
        if self.ended {
            return None;
        }
        let revision = self
            .bridge
            .keep((self.key, self.kind), session, &self.receiver);
        self.kept = revision.is_some();
        revision
    }
}

impl ClientStream {
    /// Puts the message that was read last back, to be read again.
    pub(crate) fn put_back(&self, message: Bytes) {
        self.receiver.put_back(StreamItem::Message(message));
    }

    /// Waits until [`ClientStream::next`] would not wait. Cancel-safe.
    pub(crate) async fn ready(&self) {
        poll_fn(|cx| self.receiver.poll_ready(cx)).await;
    }

    /// Takes back an `initialize` that waits for the server's handshake, so that it can be sent to
    /// another server; the stream ends then.
    ///
    /// # Errors
    /// The stream as it was, if it does not wait any more: there is, or will be, something to read.
    pub(crate) fn withdraw(self) -> Result<(), Self> {
        if self.bridge.withdraw(self.key) {
            Ok(())
        } else {
            Err(self)
        }
    }
}

impl Bridge {
    /// Whether this sender may use a session: see [`Owner`].
    pub fn admits(&self, session: &SessionId, sender: Option<&Owner>) -> bool {
        self.0.owners.admit(session, sender)
    }

    /// Makes a session of Streamable HTTP the sender's, before anybody is told its id.
    pub fn own(&self, session: &SessionId, owner: Owner) {
        self.0.owners.insert(session.clone(), owner);
        // It may have ended before this, and nobody would forget it.
        if self.locked(|core, _| core.hub.streamable(session).is_none()) {
            self.0.owners.forget(session);
        }
    }

    fn keep(
        &self,
        stream: (StreamKey, StreamKind),
        session: &SessionId,
        receiver: &StreamReceiver,
    ) -> Option<Revision> {
        self.locked(|core, _| core.keep(stream, session, receiver))
    }
}

impl Drop for ClientStream {
    fn drop(&mut self) {
        if let Some(session) = &self.owned {
            self.bridge.0.owners.forget(session);
        }
        if !self.ended || self.kept {
            self.bridge.gone(self.key, self.receiver.epoch());
        }
    }
}
