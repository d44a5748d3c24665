//! The data of one event while its lines come in.

use std::mem;

use bytes::{Bytes, BytesMut};

use crate::line::Oversized;

/// Joins pieces up to a bound; past it, keeps their ends only.
#[derive(Debug)]
pub(super) struct Payload {
    /// Most bytes of an event's data.
    max: usize,
    state: State,
}

#[derive(Debug, Default)]
enum State {
    /// No `data` line yet.
    #[default]
    Absent,
    /// All of it lies in one chunk.
    Slice(Bytes),
    /// It spans chunks or lines.
    Joined(BytesMut),
    /// It is too long.
    Discarded(Oversized),
}

impl Payload {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            state: State::Absent,
        }
    }

    /// Another `data` line begins.
    pub(super) fn new_line(&mut self) {
        match self.state {
            State::Absent => self.state = State::Slice(Bytes::new()),
            State::Slice(_) | State::Joined(_) | State::Discarded(_) => {
                self.push(Bytes::from_static(b" "));
            }
        }
    }

    /// A piece of the line at hand.
    pub(super) fn push(&mut self, piece: Bytes) {
        if piece.is_empty() {
            return;
        }
        self.state = match mem::take(&mut self.state) {
            State::Absent => self.whole(piece),
            State::Slice(before) if before.is_empty() => self.whole(piece),
            State::Slice(before) => self.joined(BytesMut::from(before), &piece),
            State::Joined(before) => self.joined(before, &piece),
            State::Discarded(mut oversized) => {
                oversized.extend(&piece);
                State::Discarded(oversized)
            }
        };
    }

    /// What has come together, if any line has.
    pub(super) fn take(&mut self) -> Option<Result<Bytes, Oversized>> {
        match mem::take(&mut self.state) {
            State::Absent => None,
            State::Slice(data) => Some(Ok(data)),
            State::Joined(data) => Some(Ok(data.freeze())),
            State::Discarded(oversized) => Some(Err(oversized)),
        }
    }

    fn whole(&self, piece: Bytes) -> State {
        if piece.len() > self.max {
            State::Discarded(Oversized::of(&piece))
        } else {
            State::Slice(piece)
        }
    }

    fn joined(&self, mut before: BytesMut, piece: &[u8]) -> State {
        if before.len() + piece.len() > self.max {
            let mut oversized = Oversized::of(&before);
            oversized.extend(piece);
            State::Discarded(oversized)
        } else {
            before.extend_from_slice(piece);
            State::Joined(before)
        }
    }
}
