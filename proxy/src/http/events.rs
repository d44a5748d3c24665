//! The body of an answer that is a stream of server-sent events.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use hivewright_bridge::sse;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep};

use crate::{
    access::{Access, Outcome},
    driver::{ClientStream, StreamItem},
};

/// Silence after which a comment is sent. Common proxies cut a connection that is silent for 60 s,
/// some after 30 s.
pub const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Encodes what the driver gives as events. Dropping it unfinished, as hyper does when the client
/// has gone, tells the hub so.
#[derive(Debug)]
pub(super) struct Events {
    first: Option<Bytes>,
    stream: ClientStream,
    quiet: Pin<Box<Sleep>>,
    access: Access,
}

impl Events {
    /// `first` is an encoded event that goes out at once.
    pub(super) fn new(first: Option<Bytes>, stream: ClientStream, mut access: Access) -> Self {
        // What the record says if the client leaves from here on.
        access.outcome = Outcome::ClientGone;
        Self {
            first,
            stream,
            quiet: Box::pin(sleep(KEEP_ALIVE)),
            access,
        }
    }

    /// The next encoded event; `None` at the end of the stream.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            return Poll::Ready(match ready!(self.stream.poll_next(cx)) {
                // Both say that the stream is open, which the response's head has said.
                Some(StreamItem::Opened(_) | StreamItem::Accepted) => continue,
                Some(
                    StreamItem::Message(message)
                    | StreamItem::Last(message)
                    | StreamItem::Rejected(_, message),
                ) => Some(sse::message(&message)),
                Some(StreamItem::Event(seq, message)) => {
                    Some(sse::numbered(self.stream.event_id(seq), &message))
                }
                // The status line is gone; the refusal is told as the message it also is.
                Some(StreamItem::Refused(refusal)) => Some(sse::message(&refusal.body(None))),
                Some(StreamItem::Ended) | None => None,
            });
        }
    }

    fn send(&mut self, bytes: Bytes) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.access.bytes_out += bytes.len();
        self.quiet.as_mut().reset(Instant::now() + KEEP_ALIVE);
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        if let Some(first) = this.first.take() {
            return this.send(first);
        }
        match this.poll_event(cx) {
            Poll::Ready(Some(event)) => this.send(event),
            Poll::Ready(None) => {
                this.access.outcome = Outcome::Streamed;
                Poll::Ready(None)
            }
            Poll::Pending => {
                ready!(this.quiet.as_mut().poll(cx));
                this.send(sse::KEEP_ALIVE)
            }
        }
    }
}
