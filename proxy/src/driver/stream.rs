//! The bounded queue from the driver to one open HTTP response.
//!
//! Most streams carry exactly one item (the answer of a POST), so the queue is one small allocation
//! and a lock that nobody contends for, not a channel with blocks of slots.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use hivewright_bridge::{io::SessionId, refusal::Refusal};
use parking_lot::Mutex;

/// Items that may wait for one client. A client that reads sees a handful at most; progress in
/// tight loops may burst.
pub const MAX_STREAM_ITEMS: usize = 1024;
/// Bytes that may wait for one client, whichever bound comes first; one item always fits, and so
/// does what ends the stream. Two of the largest bodies.
pub const MAX_STREAM_BYTES: usize = 2 * crate::http::MAX_BODY;

/// What arrives on a stream. The end of the stream is the end of the queue.
#[derive(Clone, Debug)]
pub enum StreamItem {
    /// The session of this `Open` exists now; its answer follows.
    Opened(SessionId),
    /// Taken, without an answer; for a listener: the stream is open.
    Accepted,
    /// Refused; nothing follows.
    Refused(Refusal),
    /// One JSON-RPC message; more may follow.
    Message(Bytes),
    /// One JSON-RPC message; nothing follows.
    Last(Bytes),
    /// Nothing follows, by rule: the call was cancelled, its session was closed, or a newer
    /// listener has taken over. A stream that ends without an item that says so has lost something.
    Ended,
}

/// The client does not read: a bound of its queue is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overflow;

#[derive(Debug, Default)]
struct State {
    items: VecDeque<StreamItem>,
    bytes: usize,
    ended: bool,
    reader: Option<Waker>,
}

/// The driver's end.
#[derive(Debug)]
pub(super) struct StreamSender(Arc<Mutex<State>>);

/// The response's end.
#[derive(Debug)]
pub(super) struct StreamReceiver(Arc<Mutex<State>>);

/// A fresh queue.
pub(super) fn queue() -> (StreamSender, StreamReceiver) {
    let state = Arc::new(Mutex::new(State::default()));
    (StreamSender(state.clone()), StreamReceiver(state))
}

impl StreamItem {
    /// Payload in bytes.
    fn len(&self) -> usize {
        match self {
            Self::Message(bytes) | Self::Last(bytes) => bytes.len(),
            Self::Opened(_) | Self::Accepted | Self::Refused(_) | Self::Ended => 0,
        }
    }
}

impl StreamSender {
    /// Queues one item without waiting.
    pub(super) fn push(&self, item: StreamItem) -> Result<(), Overflow> {
        let mut state = self.0.lock();
        let full = state.items.len() >= MAX_STREAM_ITEMS
            || (!state.items.is_empty() && state.bytes + item.len() > MAX_STREAM_BYTES);
        if full {
            return Err(Overflow);
        }
        state.bytes += item.len();
        state.items.push_back(item);
        wake(state);
        Ok(())
    }

    /// Queues what ends the stream, whatever waits already: one answer, or a short error for each
    /// call of one POST.
    pub(super) fn push_last(self, items: impl IntoIterator<Item = StreamItem>) {
        let mut state = self.0.lock();
        for item in items {
            state.bytes += item.len();
            state.items.push_back(item);
        }
    }
}

impl Drop for StreamSender {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.ended = true;
        wake(state);
    }
}

/// Wakes the reader after the lock is given back, so that it never runs into it.
fn wake(mut state: parking_lot::MutexGuard<'_, State>) {
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}

impl StreamReceiver {
    /// The next item; `None` at the end of the stream.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<StreamItem>> {
        let mut state = self.0.lock();
        if let Some(item) = state.items.pop_front() {
            state.bytes -= item.len();
            return Poll::Ready(Some(item));
        }
        if state.ended {
            return Poll::Ready(None);
        }
        wake_later(&mut state, cx);
        Poll::Pending
    }

    /// Ready once [`StreamReceiver::poll_next`] is; takes nothing.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if state.ended || !state.items.is_empty() {
            return Poll::Ready(());
        }
        wake_later(&mut state, cx);
        Poll::Pending
    }
}

/// Remembers whom to wake.
fn wake_later(state: &mut State, cx: &Context<'_>) {
    let known = state.reader.as_ref();
    if !known.is_some_and(|reader| reader.will_wake(cx.waker())) {
        state.reader = Some(cx.waker().clone());
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    async fn next(rx: &StreamReceiver) -> Option<StreamItem> {
        poll_fn(|cx| rx.poll_next(cx)).await
    }

    #[test]
    fn one_item_larger_than_the_byte_bound_fits_an_empty_queue_and_a_second_does_not() {
        let (tx, _rx) = queue();
        let large = Bytes::from(vec![0; MAX_STREAM_BYTES + 1]);
        assert_eq!(tx.push(StreamItem::Message(large)), Ok(()));
        assert_eq!(
            tx.push(StreamItem::Message(Bytes::from_static(b"x"))),
            Err(Overflow)
        );
    }

    #[test]
    fn items_past_the_count_overflow() {
        let (tx, _rx) = queue();
        for _ in 0..MAX_STREAM_ITEMS {
            assert_eq!(tx.push(StreamItem::Accepted), Ok(()));
        }
        assert_eq!(tx.push(StreamItem::Accepted), Err(Overflow));
    }

    #[tokio::test]
    async fn what_ends_a_stream_fits_whatever_waits_already() {
        let (tx, rx) = queue();
        for _ in 0..MAX_STREAM_ITEMS {
            assert_eq!(tx.push(StreamItem::Accepted), Ok(()));
        }
        tx.push_last([StreamItem::Last(Bytes::from_static(b"end"))]);
        for _ in 0..MAX_STREAM_ITEMS {
            assert!(next(&rx).await.is_some());
        }
        assert!(matches!(next(&rx).await, Some(StreamItem::Last(end)) if end == "end"));
        assert!(next(&rx).await.is_none());
    }

    #[tokio::test]
    async fn what_was_queued_before_the_end_is_still_read() {
        let (tx, rx) = queue();
        assert_eq!(tx.push(StreamItem::Last(Bytes::from_static(b"a"))), Ok(()));
        drop(tx);
        assert!(matches!(next(&rx).await, Some(StreamItem::Last(bytes)) if bytes == "a"));
        assert!(next(&rx).await.is_none());
    }

    #[tokio::test]
    async fn a_waiting_reader_is_woken_by_an_item_and_by_the_end() {
        let (tx, rx) = queue();
        let reader = tokio::spawn(async move { (next(&rx).await, next(&rx).await) });
        tokio::task::yield_now().await;
        assert_eq!(tx.push(StreamItem::Accepted), Ok(()));
        tokio::task::yield_now().await;
        drop(tx);
        let read = reader.await.expect("the reader does not panic");
        assert!(matches!(read, (Some(StreamItem::Accepted), None)));
    }
}
