//! Newline framing of a server's stdout.
//!
//! The reader hands over each chunk as it came ([`Lines::feed`]) and takes lines until there is
//! none left ([`Lines::next`]). Whole lines inside a chunk are slices of it; only a line that spans
//! chunks is put together. Each byte is looked at once, whatever the line's length.

use bytes::{Bytes, BytesMut};

/// The longest line, in bytes: 16 MiB holds a base64 image or file of 12 MiB, which is more than
/// clients take, and one such line per server is what a small proxy pod can afford.
pub const MAX_LINE: usize = 16 * 1024 * 1024;

/// How much of each end of an oversized line is kept, in bytes: enough for an envelope's id.
pub const KEPT_ENDS: usize = 128;

/// What the framing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Framed {
    /// One line without its `\n` or `\r\n`. May be empty.
    Line(Bytes),
    /// A line longer than the bound, discarded up to its newline.
    Oversized(Oversized),
}

/// What is left of a line that was longer than the bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oversized {
    /// Its length, in bytes, without the newline.
    pub bytes: usize,
    /// Its first [`KEPT_ENDS`] bytes: servers write a message's id at its beginning or at its end.
    pub head: Bytes,
    /// Its last [`KEPT_ENDS`] bytes.
    pub tail: Bytes,
}

impl Oversized {
    pub(crate) fn of(line: &[u8]) -> Self {
        let ends = KEPT_ENDS.min(line.len());
        Self {
            bytes: line.len(),
            head: Bytes::copy_from_slice(&line[..ends]),
            tail: Bytes::copy_from_slice(&line[line.len() - ends..]),
        }
    }

    /// Goes on with the line: its length grows and its end changes.
    pub(crate) fn extend(&mut self, piece: &[u8]) {
        self.bytes += piece.len();
        if self.head.len() < KEPT_ENDS {
            self.head = self
                .head
                .iter()
                .chain(piece)
                .take(KEPT_ENDS)
                .copied()
                .collect();
        }
        let joined = [
            &self.tail[..],
            &piece[piece.len().saturating_sub(KEPT_ENDS)..],
        ]
        .concat();
        self.tail = Bytes::copy_from_slice(&joined[joined.len().saturating_sub(KEPT_ENDS)..]);
    }
}

/// Puts lines together. Holds at most one unfinished line of [`MAX_LINE`] and one chunk.
#[derive(Debug)]
pub struct Lines {
    max: usize,
    chunk: Bytes,
    partial: BytesMut,
    /// An oversized line so far; its bytes are gone but for its ends.
    discarded: Option<Oversized>,
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
        if let Some(oversized) = self.discarded.take() {
            return Framed::Oversized(oversized);
        }
        let line = self.partial.split().freeze();
        self.bounded(line)
    }

    fn bounded(&self, mut line: Bytes) -> Framed {
        if line.len() > self.max {
            return Framed::Oversized(Oversized::of(&line));
        }
        if line.last() == Some(&b'\r') {
            line.truncate(line.len() - 1);
        }
        Framed::Line(line)
    }

    /// Keeps a piece of an unfinished line, or only its length once the line is too long.
    fn keep(&mut self, piece: &[u8]) {
        if let Some(oversized) = &mut self.discarded {
            oversized.extend(piece);
        } else if self.partial.len() + piece.len() > self.max {
            let mut oversized = Oversized::of(&self.partial);
            oversized.extend(piece);
            self.discarded = Some(oversized);
            self.partial = BytesMut::new();
        } else {
            self.partial.extend_from_slice(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything that comes out when these chunks go in.
    fn frame(lines: &mut Lines, chunks: impl IntoIterator<Item = Vec<u8>>) -> Vec<Framed> {
        let mut out = Vec::new();
        for chunk in chunks {
            lines.feed(chunk.into());
            while let Some(framed) = lines.next() {
                out.push(framed);
            }
        }
        out.extend(lines.finish());
        out
    }

    fn line(text: &'static str) -> Framed {
        Framed::Line(Bytes::from_static(text.as_bytes()))
    }

    #[test]
    fn a_line_may_end_in_crlf_and_may_be_empty() {
        let out = frame(&mut Lines::default(), [b"a\r\n\n\r\nb\rc\n".to_vec()]);
        assert_eq!(out, [line("a"), line(""), line(""), line("b\rc")]);
    }

    #[test]
    fn what_follows_the_last_newline_is_a_line_only_at_the_end() {
        let mut lines = Lines::default();
        lines.feed(Bytes::from_static(b"a\nb"));
        assert_eq!((lines.next(), lines.next()), (Some(line("a")), None));
        assert_eq!((lines.finish(), lines.finish()), (Some(line("b")), None));
    }

    #[test]
    fn a_whole_line_of_a_chunk_is_not_copied() {
        let chunk = Bytes::from_static(b"first\nsecond\n");
        let mut lines = Lines::default();
        lines.feed(chunk.clone());
        let Some(Framed::Line(first)) = lines.next() else {
            panic!("no line")
        };
        assert_eq!(first.as_ptr(), chunk.as_ptr());
    }

    #[test]
    fn the_longest_line_passes_and_one_more_byte_is_told_as_oversized() {
        for split in [1, 4, 100] {
            let text = b"12345\n123456\r\n1\n";
            let chunks = text.chunks(split).map(<[u8]>::to_vec);
            let out = frame(&mut Lines::with_max(5), chunks);
            assert_eq!(
                out,
                [
                    line("12345"),
                    Framed::Oversized(Oversized::of(b"123456\r")),
                    line("1")
                ]
            );
        }
    }

    #[test]
    fn an_oversized_line_costs_no_memory_while_it_goes_on() {
        let mut lines = Lines::with_max(10);
        for _ in 0..1_000 {
            lines.feed(Bytes::from_static(&[b'x'; 100]));
            assert_eq!(lines.next(), None);
            assert!(
                lines.partial.capacity() <= 100,
                "{}",
                lines.partial.capacity()
            );
        }
        lines.feed(Bytes::from_static(b"\nok\n"));
        let Some(Framed::Oversized(oversized)) = lines.next() else {
            panic!("not oversized")
        };
        assert_eq!(
            (oversized.bytes, oversized.tail.len()),
            (100_000, KEPT_ENDS)
        );
        assert_eq!(lines.next(), Some(line("ok")));
    }

    #[test]
    fn a_chunk_that_comes_before_the_last_one_was_taken_out_is_not_lost() {
        let mut lines = Lines::default();
        lines.feed(Bytes::from_static(b"a\nb"));
        lines.feed(Bytes::from_static(b"c\n"));
        assert_eq!(
            (lines.next(), lines.next()),
            (Some(line("a")), Some(line("bc")))
        );
    }

    /// The same by the plainest code there is.
    fn naive(text: &[u8], max: usize) -> Vec<Framed> {
        let mut pieces: Vec<_> = text.split(|byte| *byte == b'\n').collect();
        if pieces.last().is_some_and(|last| last.is_empty()) {
            pieces.pop();
        }
        let framed = pieces.into_iter().map(|piece| {
            if piece.len() > max {
                return Framed::Oversized(Oversized::of(piece));
            }
            Framed::Line(Bytes::copy_from_slice(
                piece.strip_suffix(b"\r").unwrap_or(piece),
            ))
        });
        framed.collect()
    }

    proptest! {
        #[test]
        fn any_chunking_gives_what_a_plain_split_gives(
            text in prop::collection::vec(
                prop_oneof![1 => Just(b'\n'), 1 => Just(b'\r'), 60 => any::<u8>()],
                0..600,
            ),
            cuts in prop::collection::vec(1..300_usize, 1..40),
            max in 1..200_usize,
        ) {
            let mut chunks = Vec::new();
            let (mut rest, mut cuts) = (&text[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let (chunk, tail) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
                chunks.push(chunk.to_vec());
                rest = tail;
            }
            prop_assert_eq!(frame(&mut Lines::with_max(max), chunks), naive(&text, max));
        }
    }
}
