//! The lines of an event stream: a name, a value, and what they add to the event at hand.

use std::{mem, sync::Arc, time::Duration};

use bytes::{Buf, Bytes};

use super::{Decoded, Decoder, EventKind};

/// Length of the values of `event`, `id` and `retry`, in bytes. Ids of events are counters or UUIDs
/// with a stream's name; a stream whose id is longer cannot be resumed.
pub const MAX_VALUE: usize = 1024;

/// The longest field name that means something, in bytes: `event` and `retry`.
const MAX_FIELD: usize = 5;

/// How much of the line at hand has been read.
#[derive(Debug)]
pub(super) enum Line {
    /// The field's name so far, cut to one byte more than the longest that matters.
    Name(Vec<u8>),
    /// Within the value. `fresh`: nothing of it was seen, so that one space may still be skipped.
    Value { field: Field, fresh: bool },
}

/// What a line is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field {
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

impl Decoder {
    /// A piece of a line.
    pub(super) fn piece(&mut self, mut piece: Bytes) {
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

    pub(super) fn end_of_line(&mut self) -> Option<Decoded> {
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
