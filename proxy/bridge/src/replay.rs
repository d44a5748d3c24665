//! The log of one stream that a client may leave and come back to.
//!
//! ```text
//!            given, kept for a while          not given yet
//!  fell out │ 5   6   7   8                 │ 9   10   11 │ <── append
//!           └─ Last-Event-ID: 6 ──> 5 and 6 are done with; 7, 8, 9 ... are given again
//! ```
//!
//! Every event has the next number, from 1. Number 0 is the event without data that primes a client
//! to come back (MCP 2025-11-25, Streamable HTTP, Resumability and Redelivery). A client that says
//! which one it has read last gets all later ones, in order; if one of them is not kept any more it
//! gets none, because a stream with a gap looks whole.

use std::{collections::VecDeque, fmt};

use bytes::Bytes;

use crate::io::StreamKey;

#[cfg(test)]
mod tests;

/// Events that one log holds, given or not. Progress in tight loops may burst; so many small ones
/// are what the socket of a client that left may have held unsent.
pub const MAX_EVENTS: usize = 1024;
/// Bytes of given events that one log keeps, whatever their number; the last one is always kept, so
/// that an answer which broke off under way can be had again.
pub const MAX_GIVEN_BYTES: usize = 1024 * 1024;

/// The number of an event in its stream.
pub type Seq = u64;

/// The event that tells a client how to come back and carries no message.
pub const PRIMING: Seq = 0;

/// How a stream began. It is part of every event's id, so that it is known of a stream that is
/// forgotten too: one that only listened can be begun anew, one that was to bring answers cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The response of a POST.
    Post,
    /// A listener.
    Get,
}

impl Origin {
    const ALL: [Self; 2] = [Self::Post, Self::Get];

    /// Begins the ids of its events. No hexadecimal digit.
    const fn letter(self) -> char {
        match self {
            Self::Post => 'p',
            Self::Get => 'g',
        }
    }
}

/// The `id` of an event: names the stream and the place in it. It says nothing about whose stream it
/// is; a log is looked for among those of the session that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventId {
    /// How the stream began.
    pub origin: Origin,
    /// The stream.
    pub stream: StreamKey,
    /// The event's number.
    pub seq: Seq,
}

impl EventId {
    /// The id that [`fmt::Display`] writes as this text, and no other.
    pub fn parse(text: &str) -> Option<Self> {
        let all = Origin::ALL.into_iter();
        let mut begins =
            all.filter_map(|origin| Some((origin, text.strip_prefix(origin.letter())?)));
        let (origin, rest) = begins.next()?;
        let (stream, seq) = rest.split_once('-')?;
        let id = Self {
            origin,
            stream: StreamKey(u64::from_str_radix(stream, 16).ok()?),
            seq: u64::from_str_radix(seq, 16).ok()?,
        };
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = self.origin.letter();
        write!(f, "{letter}{:x}-{:x}", self.stream.0, self.seq)
    }
}

/// So much was not given yet that nothing more fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the log of a stream is full of events that nobody has read; read them while they come")]
pub struct Full;

/// Why a stream cannot be gone on with from an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresumable {
    /// An event after it is not kept any more.
    #[error(
        "events after this one are not kept any more; repeat the call if its answer is missing"
    )]
    FellOut,
    /// No such event was ever given.
    #[error("no such event was given on this stream; name the last one that was read")]
    NeverGiven,
}

/// The log. Bounded by [`MAX_EVENTS`], [`MAX_GIVEN_BYTES`] and, for what is not given yet, by the
/// bytes that it is made with.
#[derive(Debug)]
pub struct Replay {
    /// Oldest first.
    events: VecDeque<Bytes>,
    /// The number of the first of them.
    first: Seq,
    /// How many of them, from the first, the present reader was given.
    given: usize,
    given_bytes: usize,
    waiting_bytes: usize,
    max_waiting_bytes: usize,
}

impl Replay {
    /// An empty log in which so many bytes may wait to be given; one event always may.
    pub const fn new(max_waiting_bytes: usize) -> Self {
        Self {
            events: VecDeque::new(),
            first: 1,
            given: 0,
            given_bytes: 0,
            waiting_bytes: 0,
            max_waiting_bytes,
        }
    }

    /// Bytes that it holds.
    pub const fn bytes(&self) -> usize {
        self.given_bytes + self.waiting_bytes
    }

    /// Bytes of those events that wait to be given.
    pub const fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// Whether everything was given.
    pub fn is_read(&self) -> bool {
        self.given == self.events.len()
    }

    /// Takes one more event. What was given makes room for it.
    ///
    /// # Errors
    /// [`Full`] if too much waits to be given; the event is not taken.
    pub fn append(&mut self, event: Bytes) -> Result<(), Full> {
        let waiting = self.events.len() - self.given;
        let heavy = waiting > 0 && self.waiting_bytes + event.len() > self.max_waiting_bytes;
        if waiting >= MAX_EVENTS || heavy {
            return Err(Full);
        }
        self.append_last(event);
        Ok(())
    }

    /// Takes the event that ends the stream, whatever waits.
    pub fn append_last(&mut self, event: Bytes) {
        if self.events.len() >= MAX_EVENTS && self.given > 0 {
            self.drop_first();
        }
        self.waiting_bytes += event.len();
        self.events.push_back(event);
    }

    /// The next event for the present reader; it stays in the log.
    pub fn give(&mut self) -> Option<(Seq, Bytes)> {
        let event = self.events.get(self.given)?.clone();
        let seq = self.first + self.given as u64;
        self.given += 1;
        self.given_bytes += event.len();
        self.waiting_bytes -= event.len();
        while self.given > 1 && self.given_bytes > MAX_GIVEN_BYTES {
            self.drop_first();
        }
        Some((seq, event))
    }

    /// Drops all that was given, for want of memory elsewhere.
    pub fn forget_given(&mut self) {
        while self.given > 0 {
            self.drop_first();
        }
    }

    /// Begins anew for a reader that has read everything up to this event, which is thereby done
    /// with.
    ///
    /// # Errors
    /// [`Unresumable`], and nothing has changed.
    pub fn resume(&mut self, last_read: Seq) -> Result<(), Unresumable> {
        let next = last_read.saturating_add(1);
        let done = next.checked_sub(self.first).ok_or(Unresumable::FellOut)?;
        let done = usize::try_from(done).unwrap_or(usize::MAX);
        if done > self.given {
            return Err(Unresumable::NeverGiven);
        }
        for _ in 0..done {
            self.drop_first();
        }
        self.given = 0;
        self.waiting_bytes += self.given_bytes;
        self.given_bytes = 0;
        Ok(())
    }

    /// Drops the oldest event, which was given.
    fn drop_first(&mut self) {
        if let Some(event) = self.events.pop_front() {
            self.first += 1;
            self.given -= 1;
            self.given_bytes -= event.len();
        }
    }
}
