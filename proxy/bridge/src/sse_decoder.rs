//! Reads server-sent events, as MCP uses them (WHATWG HTML, section 9.2.6).
//!
//! ```text
//!  feed(chunk) ──> line ──> field ──┬─ data ──> payload ──blank line──> Event | Oversized
//!                                   ├─ event, id, retry
//!                                   └─ comment, unknown: skipped
//! ```
//!
//! Chunks may be cut anywhere. The payload of an event that lies in one chunk is a slice of it;
//! nothing longer than the bounds is ever kept. One departure from the standard: several `data`
//! lines are joined by a space instead of a line feed. A JSON message can hold a raw line break
//! between tokens only, so the message is the same and fits on one line.

use std::{mem, sync::Arc, time::Duration};

use bytes::{Buf, Bytes};

use crate::line::{MAX_LINE, Oversized};

mod fields;
mod payload;

use fields::Line;
pub use fields::MAX_VALUE;
use payload::Payload;

/// What may stand before the first line (WHATWG HTML, section 9.2.6: one is stripped).
const BYTE_ORDER_MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// What an event is for, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A JSON-RPC message: named `message`, or without a name.
    Message,
    /// Where to post to (MCP 2024-11-05, HTTP with SSE).
    Endpoint,
    /// Any other name; MCP knows none.
    Other,
}

/// What was decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decoded {
    /// An event with its data, which may be empty (MCP 2025-11-25: an event that only gives an id).
    Event(EventKind, Bytes),
    /// An event whose data was longer than the bound; only its ends are known.
    Oversized(Oversized),
}

/// The state between two chunks of one stream.
#[derive(Debug)]
pub struct Decoder {
    chunk: Bytes,
    /// Bytes of the byte order mark that have been seen; all of them also if there is none.
    mark: usize,
    /// The last line ended in a carriage return: a line feed now belongs to it.
    after_cr: bool,
    line: Line,
    /// Value of the field at hand, if it is a short one.
    value: Vec<u8>,
    kind: EventKind,
    data: Payload,
    id: Option<Arc<str>>,
    last_id: Option<Arc<str>>,
    retry: Option<Duration>,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::with_max(MAX_LINE)
    }
}

impl Decoder {
    /// A decoder with another bound on an event's data than [`MAX_LINE`].
    pub fn with_max(max: usize) -> Self {
        Self {
            chunk: Bytes::new(),
            mark: 0,
            after_cr: false,
            line: Line::Name(Vec::new()),
            value: Vec::new(),
            kind: EventKind::Message,
            data: Payload::new(max),
            id: None,
            last_id: None,
            retry: None,
        }
    }

    /// Takes the next chunk. Take all events out before feeding again; a rest is kept and joined,
    /// but at the cost of a copy.
    pub fn feed(&mut self, chunk: Bytes) {
        self.chunk = if self.chunk.is_empty() {
            chunk
        } else {
            [&self.chunk[..], &chunk[..]].concat().into()
        };
    }

    /// The next event of what was fed, if its blank line has come. An event that the stream's end
    /// cuts off never comes out, as the standard wants it.
    #[expect(
        clippy::should_implement_trait,
        reason = "none means `not yet`, not the end"
    )]
    pub fn next(&mut self) -> Option<Decoded> {
        self.skip_mark();
        loop {
            if mem::take(&mut self.after_cr) {
                match self.chunk.first() {
                    Some(b'\n') => self.chunk.advance(1),
                    Some(_) => {}
                    None => {
                        self.after_cr = true;
                        return None;
                    }
                }
            }
            let Some(at) = memchr::memchr2(b'\n', b'\r', &self.chunk) else {
                let rest = mem::take(&mut self.chunk);
                self.piece(rest);
                return None;
            };
            let piece = self.chunk.split_to(at);
            self.after_cr = self.chunk.get_u8() == b'\r';
            self.piece(piece);
            if let Some(decoded) = self.end_of_line() {
                return Some(decoded);
            }
        }
    }

    /// The id of the last event that was complete, to resume after it. None if the stream gave
    /// none, or one that is too long or no text.
    pub fn last_id(&self) -> Option<&Arc<str>> {
        self.last_id.as_ref()
    }

    /// How long the server wants its clients to wait before they connect again, if it said so.
    pub fn retry(&self) -> Option<Duration> {
        self.retry
    }

    fn skip_mark(&mut self) {
        while self.mark < BYTE_ORDER_MARK.len() {
            match self.chunk.first() {
                None => return,
                Some(byte) if *byte == BYTE_ORDER_MARK[self.mark] => {
                    self.chunk.advance(1);
                    self.mark += 1;
                }
                Some(_) => self.mark = BYTE_ORDER_MARK.len(),
            }
        }
    }
}

#[cfg(test)]
mod tests;
