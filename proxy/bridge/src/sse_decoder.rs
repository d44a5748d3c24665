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

mod payload;

use payload::Payload;

/// Length of the values of `event`, `id` and `retry`, in bytes. Ids of events are counters or UUIDs
/// with a stream's name; a stream whose id is longer cannot be resumed.
pub const MAX_VALUE: usize = 1024;

/// The longest field name that means something, in bytes: `event` and `retry`.
const MAX_FIELD: usize = 5;

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

/// How much of the line at hand has been read.
#[derive(Debug)]
enum Line {
    /// The field's name so far, cut to one byte more than the longest that matters.
    Name(Vec<u8>),
    /// Within the value. `fresh`: nothing of it was seen, so that one space may still be skipped.
    Value { field: Field, fresh: bool },
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Data,
    Event,
    Id,
    Retry,
    Ignored,
}

impl Field {
    fn of(name: &[u8]) -> Self {
        match name {
            b"data" => Self::Data,
            b"event" => Self::Event,
            b"id" => Self::Id,
            b"retry" => Self::Retry,
            _ => Self::Ignored,
        }
    }
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

    /// A piece of a line.
    fn piece(&mut self, mut piece: Bytes) {
        if let Line::Name(name) = &mut self.line {
            let colon = memchr::memchr(b':', &piece);
            let part = &piece[..colon.unwrap_or(piece.len())];
            name.extend(part.iter().take(MAX_FIELD + 1 - name.len()));
            let Some(at) = colon else {
                return;
            };
            let field = Field::of(name);
            piece.advance(at + 1);
            self.begin(field);
            self.line = Line::Value { field, fresh: true };
        }
        self.more(piece);
    }

    fn begin(&mut self, field: Field) {
        self.value.clear();
        match field {
            Field::Data => self.data.new_line(),
            Field::Event | Field::Id | Field::Retry | Field::Ignored => {}
        }
    }

    /// A piece of a value.
    fn more(&mut self, mut piece: Bytes) {
        let Line::Value { field, fresh } = &mut self.line else {
            return;
        };
        if !piece.is_empty() && mem::take(fresh) && piece[0] == b' ' {
            piece.advance(1);
        }
        match field {
            Field::Data => self.data.push(piece),
            Field::Event | Field::Id | Field::Retry => {
                let room = MAX_VALUE + 1 - self.value.len();
                self.value.extend(piece.iter().take(room));
            }
            Field::Ignored => {}
        }
    }

    fn end_of_line(&mut self) -> Option<Decoded> {
        let field = match mem::replace(&mut self.line, Line::Name(Vec::new())) {
            Line::Name(name) if name.is_empty() => return self.dispatch(),
            Line::Name(name) => {
                let field = Field::of(&name);
                self.begin(field);
                field
            }
            Line::Value { field, .. } => field,
        };
        self.finish(field);
        None
    }

    fn finish(&mut self, field: Field) {
        match field {
            Field::Data | Field::Ignored => {}
            Field::Event => {
                self.kind = match &self.value[..] {
                    b"" | b"message" => EventKind::Message,
                    b"endpoint" => EventKind::Endpoint,
                    _ => EventKind::Other,
                }
            }
            Field::Id if self.value.contains(&0) => {}
            Field::Id => self.id = id(&self.value),
            Field::Retry => {
                let digits = self.value.iter().all(u8::is_ascii_digit);
                let text = std::str::from_utf8(&self.value).ok();
                let millis = text.filter(|_| digits).and_then(|text| text.parse().ok());
                self.retry = millis.map(Duration::from_millis).or(self.retry);
            }
        }
    }

    /// A blank line: the event is complete.
    fn dispatch(&mut self) -> Option<Decoded> {
        self.last_id.clone_from(&self.id);
        let kind = mem::replace(&mut self.kind, EventKind::Message);
        self.data.take().map(|data| match data {
            Ok(data) => Decoded::Event(kind, data),
            Err(oversized) => Decoded::Oversized(oversized),
        })
    }
}

/// An empty id says that there is none.
fn id(value: &[u8]) -> Option<Arc<str>> {
    let text = std::str::from_utf8(value).ok()?;
    (1..=MAX_VALUE).contains(&text.len()).then(|| text.into())
}

#[cfg(test)]
mod tests;
