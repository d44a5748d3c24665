//! The bounded queue from the driver to one open HTTP response.
//!
//! Most streams carry exactly one item (the answer of a POST), so the queue is one small allocation
//! and a lock that nobody contends for, not a channel with blocks of slots. A stream that becomes a
//! response of several events, in a session that can come back for them, turns its queue into a log
//! ([`Replay`]): what was given stays there for a while.

mod item;

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use hivewright_bridge::replay::{self, Replay, Seq, Unresumable};
use parking_lot::{Mutex, MutexGuard};

pub use self::item::StreamItem;
use super::pool::{Pool, Share};

/// Items that may wait for one client. A client that reads sees a handful at most; progress in
/// tight loops may burst.
pub const MAX_STREAM_ITEMS: usize = replay::MAX_EVENTS;
/// Bytes that may wait for one client, whichever bound comes first; one item always fits, and so
/// does what ends the stream. Two of the largest bodies.
pub const MAX_STREAM_BYTES: usize = 2 * crate::http::MAX_BODY;

/// The client does not read: a bound of its queue is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overflow;

#[derive(Debug, Default)]
struct State {
    /// What waits, as long as there is no log.
    items: VecDeque<StreamItem>,
    /// Payload of the items in bytes.
    bytes: usize,
    log: Option<Box<Replay>>,
    /// What this queue takes of the memory of all.
    share: Share,
    ended: bool,
    reader: Option<Waker>,
    /// Counts the readers; only the newest gets anything.
    epoch: u32,
}

/// The driver's end.
#[derive(Debug)]
pub(super) struct StreamSender(Arc<Mutex<State>>);

/// The response's end.
#[derive(Debug)]
pub(super) struct StreamReceiver {
    state: Arc<Mutex<State>>,
    epoch: u32,
}

/// A stream that has a log, whether anybody reads or fills it or not.
#[derive(Debug)]
pub(super) struct StreamLog(Arc<Mutex<State>>);

/// A fresh queue.
pub(super) fn queue() -> (StreamSender, StreamReceiver) {
    let state = Arc::new(Mutex::new(State::default()));
    let receiver = StreamReceiver {
        state: state.clone(),
        epoch: 0,
    };
    (StreamSender(state), receiver)
}

impl State {
    fn push(&mut self, item: StreamItem) -> Result<(), Overflow> {
        if !self.has_room(item.len()) {
            return Err(Overflow);
        }
        if let Some(log) = &mut self.log {
            return item.into_event().map_or(Ok(()), |event| {
                log.append(event).map_err(|replay::Full| Overflow)
            });
        }
        let full = self.items.len() >= MAX_STREAM_ITEMS
            || (!self.items.is_empty() && self.bytes + item.len() > MAX_STREAM_BYTES);
        if full {
            return Err(Overflow);
        }
        self.push_last(item);
        Ok(())
    }

    /// Whether there is memory for so much more. Whoever reads does not go without because of what is
    /// only kept for it.
    fn has_room(&mut self, more: usize) -> bool {
        if self.share.has_room(more) {
            return true;
        }
        if let Some(log) = &mut self.log {
            log.forget_given();
        }
        self.settle();
        self.share.has_room(more)
    }

    fn push_last(&mut self, item: StreamItem) {
        let Some(log) = &mut self.log else {
            self.bytes += item.len();
            return self.items.push_back(item);
        };
        if let Some(event) = item.into_event() {
            log.append_last(event);
        }
    }

    fn pop(&mut self) -> Option<StreamItem> {
        let item = match &mut self.log {
            None => self.items.pop_front(),
            Some(log) => {
                let given = log.give();
                if self.share.is_scarce() {
                    log.forget_given();
                }
                given.map(|(seq, event)| StreamItem::Event(seq, event))
            }
        };
        if let (None, Some(item)) = (&self.log, &item) {
            self.bytes -= item.len();
        }
        self.settle();
        item
    }

    fn is_empty(&self) -> bool {
        let log = self.log.as_ref();
        log.map_or(self.items.is_empty(), |log| log.is_read())
    }

    /// Tells the pool what this queue holds now.
    fn settle(&mut self) {
        let held = self.log.as_ref().map_or(self.bytes, |log| log.bytes());
        self.share.set(held);
    }
}

impl StreamSender {
    /// Queues one item without waiting; the memory that it takes is `pool`'s.
    pub(super) fn push(&self, item: StreamItem, pool: &Pool) -> Result<(), Overflow> {
        let mut state = self.0.lock();
        state.share.join(pool);
        state.push(item)?;
        state.settle();
        wake(state);
        Ok(())
    }

    /// Queues what ends the stream, whatever waits already: one answer, or a short error for each
    /// call of one POST.
    pub(super) fn push_last(self, items: impl IntoIterator<Item = StreamItem>) {
        let mut state = self.0.lock();
        for item in items {
            state.push_last(item);
        }
        state.settle();
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
fn wake(mut state: MutexGuard<'_, State>) {
    let reader = state.reader.take();
    drop(state);
    if let Some(reader) = reader {
        reader.wake();
    }
}

impl StreamReceiver {
    /// The next item; `None` at the end of the stream, and once somebody else reads it.
    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<StreamItem>> {
        let mut state = self.state.lock();
        if state.epoch != self.epoch {
            return Poll::Ready(None);
        }
        if let Some(item) = state.pop() {
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
        let mut state = self.state.lock();
        if state.ended || !state.is_empty() {
            return Poll::Ready(());
        }
        wake_later(&mut state, cx);
        Poll::Pending
    }

    /// Puts an item that was taken back to where it was. Only before there is a log.
    pub(super) fn put_back(&self, item: StreamItem) {
        let mut state = self.state.lock();
        state.bytes += item.len();
        state.items.push_front(item);
    }

    /// Which of the stream's readers this is.
    pub(super) const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// From now on what is given stays in a log for a while. What waits is its beginning.
    pub(super) fn keep(&self, pool: &Pool) -> StreamLog {
        let mut state = self.state.lock();
        let mut log = Replay::new(MAX_STREAM_BYTES);
        for event in state.items.drain(..).filter_map(StreamItem::into_event) {
            log.append_last(event);
        }
        state.log = Some(Box::new(log));
        state.share.join(pool);
        state.settle();
        StreamLog(self.state.clone())
    }
}

impl StreamLog {
    /// Which reader is the present one.
    pub(super) fn epoch(&self) -> u32 {
        self.0.lock().epoch
    }

    /// A new reader for a client that has read everything up to this event. The one before it reads
    /// nothing more.
    ///
    /// # Errors
    /// [`Unresumable`], and nothing has changed.
    pub(super) fn resume(&self, last_read: Seq) -> Result<Resumed, Unresumable> {
        let mut state = self.0.lock();
        let log = state.log.as_mut().ok_or(Unresumable::NeverGiven)?;
        log.resume(last_read)?;
        let over = state.ended && state.is_empty();
        state.epoch += 1;
        state.settle();
        let receiver = StreamReceiver {
            state: self.0.clone(),
            epoch: state.epoch,
        };
        wake(state);
        Ok(Resumed { receiver, over })
    }
}

/// A stream that is read on.
#[derive(Debug)]
pub(super) struct Resumed {
    pub(super) receiver: StreamReceiver,
    /// The stream has ended, and nothing of it is left to read.
    pub(super) over: bool,
}

/// Remembers whom to wake.
fn wake_later(state: &mut State, cx: &Context<'_>) {
    let known = state.reader.as_ref();
    if !known.is_some_and(|reader| reader.will_wake(cx.waker())) {
        state.reader = Some(cx.waker().clone());
    }
}

#[cfg(test)]
mod tests;
