//! Newline framing of a server's stdout.
//!
//! The reader hands over each chunk as it came ([`Lines::feed`]) and takes lines until there is
//! none left ([`Lines::next`]). Whole lines inside a chunk are slices of it; only a line that spans
//! chunks is put together. Each byte is looked at once, whatever the line's length.

use bytes::{Bytes, BytesMut};

/// The longest line, in bytes: 16 MiB holds a base64 image or file of 12 MiB, which is more than
/// clients take, and one such line per server is what a small proxy pod can afford.
pub const MAX_LINE: usize = 16 * 1024 * 1024;

/// What the framing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framed {
    /// One line without its `\n` or `\r\n`. May be empty.
    Line(Bytes),
    /// A line longer than the bound, discarded up to its newline.
    Oversized {
        /// Its length, in bytes, without the newline.
        bytes: usize,
    },
}

/// Puts lines together. Holds at most one unfinished line of [`MAX_LINE`] and one chunk.
#[derive(Debug)]
pub struct Lines {
    max: usize,
    chunk: Bytes,
    partial: BytesMut,
    /// Length of an oversized line so far; its bytes are gone.
    discarded: Option<usize>,
}

impl Default for Lines {
    fn default() -> Self {
        Self::with_max(MAX_LINE)
    }
}

impl Lines {
    /// Framing with another bound than [`MAX_LINE`].
    pub fn with_max(max: usize) -> Self {
        Self {
            max,
            chunk: Bytes::new(),
            partial: BytesMut::new(),
            discarded: None,
        }
    }

    /// Takes the next chunk. Take all lines out before feeding again; a rest is kept and joined,
    /// but at the cost of a copy.
    pub fn feed(&mut self, chunk: Bytes) {
        if self.chunk.is_empty() {
            self.chunk = chunk;
        } else {
            self.chunk = [&self.chunk[..], &chunk[..]].concat().into();
        }
    }

    /// The next line of what was fed, if its newline has come.
    #[expect(
        clippy::should_implement_trait,
        reason = "none means `not yet`, not the end"
    )]
    pub fn next(&mut self) -> Option<Framed> {
        let Some(at) = memchr::memchr(b'\n', &self.chunk) else {
            let rest = std::mem::take(&mut self.chunk);
            self.keep(&rest);
            return None;
        };
        let mut tail = self.chunk.split_to(at + 1);
        tail.truncate(at);
        Some(self.finish_line(tail))
    }

    /// What came after the last newline, once the stream has ended.
    pub fn finish(&mut self) -> Option<Framed> {
        let unfinished = !self.partial.is_empty() || self.discarded.is_some();
        unfinished.then(|| self.finish_line(Bytes::new()))
    }

    fn finish_line(&mut self, tail: Bytes) -> Framed {
        if self.partial.is_empty() && self.discarded.is_none() {
            return self.bounded(tail);
        }
        self.keep(&tail);
        if let Some(bytes) = self.discarded.take() {
            return Framed::Oversized { bytes };
        }
        let line = self.partial.split().freeze();
        self.bounded(line)
    }

    fn bounded(&self, mut line: Bytes) -> Framed {
        if line.len() > self.max {
            return Framed::Oversized { bytes: line.len() };
        }
        if line.last() == Some(&b'\r') {
            line.truncate(line.len() - 1);
        }
        Framed::Line(line)
    }

    /// Keeps a piece of an unfinished line, or only its length once the line is too long.
    fn keep(&mut self, piece: &[u8]) {
        if let Some(bytes) = &mut self.discarded {
            *bytes += piece.len();
        } else if self.partial.len() + piece.len() > self.max {
            self.discarded = Some(self.partial.len() + piece.len());
            self.partial = BytesMut::new();
        } else {
            self.partial.extend_from_slice(piece);
        }
    }
}
