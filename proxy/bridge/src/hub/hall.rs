//! Requests of 2026-07-28 that wait before they are looked at: for the first handshake, without
//! which it is not known what the server offers, or for the schemas of its tools.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::{
    io::{Now, StreamKey},
    modern::ModernHead,
};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) stream: StreamKey,
    pub(super) head: ModernHead,
    pub(super) body: Bytes,
    pub(super) since: Now,
}

/// The queue, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Hall {
    queue: VecDeque<Arrival>,
    bytes: usize,
}

impl Hall {
    pub(super) fn push(&mut self, arrival: Arrival) {
        self.bytes += arrival.body.len();
        self.queue.push_back(arrival);
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Their bodies, in bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn oldest(&self) -> Option<Now> {
        self.queue.front().map(|arrival| arrival.since)
    }

    pub(super) fn take(&mut self) -> VecDeque<Arrival> {
        self.bytes = 0;
        std::mem::take(&mut self.queue)
    }

    /// Takes those that came at this time or earlier.
    pub(super) fn take_until(&mut self, time: Now) -> Vec<Arrival> {
        let (due, rest): (Vec<_>, Vec<_>) =
            self.take().into_iter().partition(|one| one.since <= time);

        for arrival in rest {
            self.push(arrival);
        }
        due
    }

    /// The client closed its POST. Whether it was waiting.
    pub(super) fn remove(&mut self, stream: StreamKey) -> bool {
        let before = self.queue.len();
        self.queue.retain(|arrival| arrival.stream != stream);
        self.bytes = self.queue.iter().map(|arrival| arrival.body.len()).sum();
        before != self.queue.len()
    }
}
