//! A line's fingerprint, and what a line can be used for.

use std::{collections::hash_map::DefaultHasher, hash::Hasher as _};

use memchr::memmem;

use crate::line::{Framed, KEPT_ENDS, Oversized};

/// Lines up to this many bytes are looked at whole, longer ones at both ends: an envelope is at one
/// of them, and every line of stdout pays for this.
const WHOLE: usize = 4 * 1024;

/// Tells lines apart. Not proof against a server that wants to be mistaken: it would only harm
/// itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    bytes: usize,
    hash: u64,
}

/// What a line can be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// No JSON-RPC message: nothing is built on it.
    Other,
    /// Looks like a message. It may occur again.
    Message,
    /// Looks like an answer, which occurs once.
    Landmark,
}

/// A line without its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) digest: Digest,
    pub(super) kind: Kind,
}

impl Mark {
    pub(super) fn of(line: &[u8]) -> Self {
        if line.len() <= WHOLE {
            return Self::read(line.len(), line, &[]);
        }
        let (head, tail) = (&line[..KEPT_ENDS], &line[line.len() - KEPT_ENDS..]);
        Self::read(line.len(), head, tail)
    }

    pub(super) fn oversized(line: &Oversized) -> Self {
        Self::read(line.bytes, &line.head, &line.tail)
    }

    pub(super) fn framed(framed: &Framed) -> Self {
        match framed {
            Framed::Line(line) => Self::of(line),
            Framed::Oversized(line) => Self::oversized(line),
        }
    }

    fn read(bytes: usize, head: &[u8], tail: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(head);
        hasher.write(tail);
        let digest = Digest {
            bytes,
            hash: hasher.finish(),
        };
        let holds =
            |word: &[u8]| memmem::find(head, word).is_some() || memmem::find(tail, word).is_some();
        let kind = if !opens(head) || !holds(b"\"jsonrpc\"") {
            Kind::Other
        } else if holds(b"\"id\"") && !holds(b"\"method\"") {
            Kind::Landmark
        } else {
            Kind::Message
        };
        Self { digest, kind }
    }
}

/// Whether a JSON object or array begins here.
pub(super) fn opens(line: &[u8]) -> bool {
    let first = line.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::answer(r#"{"jsonrpc":"2.0","id":7,"result":{}}"#, Kind::Landmark)]
    #[case::error(r#" {"error":{},"id":7,"jsonrpc":"2.0"}"#, Kind::Landmark)]
    #[case::batch_of_answers(r#"[{"jsonrpc":"2.0","id":7,"result":{}}]"#, Kind::Landmark)]
    #[case::note(r#"{"jsonrpc":"2.0","method":"notifications/x"}"#, Kind::Message)]
    #[case::note_with_an_id_inside(
        r#"{"jsonrpc":"2.0","method":"x","params":{"id":1}}"#,
        Kind::Message
    )]
    #[case::ask(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, Kind::Message)]
    #[case::log_line("listening on 8080", Kind::Other)]
    #[case::structured_log(r#"{"level":"info","id":1}"#, Kind::Other)]
    #[case::quoted(r#"<- {"jsonrpc":"2.0","id":7,"result":{}}"#, Kind::Other)]
    #[case::empty("", Kind::Other)]
    fn a_line_is_used_for_what_it_can_be_used_for(#[case] line: &str, #[case] expected: Kind) {
        assert_eq!(Mark::of(line.as_bytes()).kind, expected);
    }

    #[test]
    fn a_long_answer_is_a_landmark_by_either_end_whole_or_oversized() {
        let text = "x".repeat(3 * WHOLE);
        for line in [
            format!(r#"{{"jsonrpc":"2.0","id":7,"result":{{"text":"{text}"}}}}"#),
            format!(r#"{{"result":{{"text":"{text}"}},"jsonrpc":"2.0","id":7}}"#),
        ] {
            let mark = Mark::of(line.as_bytes());
            assert_eq!(mark.kind, Kind::Landmark);
            assert_eq!(mark, Mark::oversized(&Oversized::of(line.as_bytes())));
        }
    }
}
