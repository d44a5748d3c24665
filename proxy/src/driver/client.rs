//! The HTTP side of one open stream.

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use hivewright_bridge::io::StreamKey;

use super::{
    Bridge,
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

/// One open stream. Dropping it before its end tells the hub that the client is gone, which is no
/// cancellation (MCP 2025-11-25, Streamable HTTP, Sending Messages, 6).
#[derive(Debug)]
pub struct ClientStream {
    bridge: Bridge,
    key: StreamKey,
    receiver: StreamReceiver,
    ended: bool,
}

impl ClientStream {
    pub(super) fn new(bridge: Bridge, key: StreamKey, receiver: StreamReceiver) -> Self {
        Self {
            bridge,
            key,
            receiver,
            ended: false,
        }
    }

    /// The next item; `None` at the end of the stream.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<StreamItem>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = self.receiver.poll_next(cx);
        if let Poll::Ready(item) = &next {
            self.ended = match item {
                None | Some(StreamItem::Last(_) | StreamItem::Refused(_) | StreamItem::Ended) => {
                    true
                }
                Some(StreamItem::Opened(_) | StreamItem::Accepted | StreamItem::Message(_)) => {
                    false
                }
            };
        }
        next
    }

    /// The next item; `None` at the end of the stream. Cancel-safe.
    pub async fn next(&mut self) -> Option<StreamItem> {
        poll_fn(|cx| self.poll_next(cx)).await
    }
}

impl ClientStream {
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

impl Drop for ClientStream {
    fn drop(&mut self) {
        if !self.ended {
            self.bridge.gone(self.key);
        }
    }
}
