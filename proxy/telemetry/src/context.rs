//! A place in a trace, and its text, `traceparent` of the [W3C Trace Context].
//!
//! [W3C Trace Context]: https://www.w3.org/TR/trace-context/#traceparent-header

use std::fmt;

use crate::ids::{SpanId, TraceId, digits, hex};

/// Bytes of a `traceparent` of version 00: two digits, 32, 16, two, and the dashes between them.
pub const TRACEPARENT: usize = 55;

/// The flag that says that whoever sent this records its spans.
const SAMPLED: u8 = 0x01;

/// A span's place in a trace: what its children and its peers need to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Context {
    /// The trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// Whether its spans are recorded.
    pub sampled: bool,
}

impl Context {
    /// Reads a `traceparent`. `None` if it is not one; then it counts as absent (section 3.2 of the
    /// specification). A later version is read as far as this one goes.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (head, rest) = text.split_at_checked(TRACEPARENT)?;
        if head[2] != b'-' || head[35] != b'-' || head[52] != b'-' {
            return None;
        }
        match digits::<1>(&head[..2])?[0] {
            0xff => return None,
            0 if !rest.is_empty() => return None,
            _ if rest.first().is_some_and(|byte| *byte != b'-') => return None,
            _ => {}
        }
        Some(Self {
            trace: TraceId::new(digits(&head[3..35])?)?,
            span: SpanId::new(digits(&head[36..52])?)?,
            sampled: digits::<1>(&head[53..])?[0] & SAMPLED != 0,
        })
    }

    /// The place of a new span below this one.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            span: SpanId::random(),
            ..*self
        }
    }

    /// Flags, as `traceparent` and OTLP have them.
    pub(crate) const fn flags(&self) -> u8 {
        if self.sampled { SAMPLED } else { 0 }
    }
}

/// The text of a `traceparent`, version 00; written at once, since each traced call has one.
impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-00";
        hex(&mut text[3..35], &self.trace.bytes());
        hex(&mut text[36..52], &self.span.bytes());
        hex(&mut text[53..], &[self.flags()]);
        f.write_str(std::str::from_utf8(&text).expect("digits are ASCII"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn parse(text: &str) -> Option<Context> {
        Context::parse(text.as_bytes())
    }

    #[test]
    fn what_was_read_is_written_the_same() {
        let context = parse(GIVEN).unwrap();
        assert!(context.sampled);
        assert_eq!(context.to_string(), GIVEN);
    }

    #[test]
    fn what_is_no_traceparent_counts_as_absent() {
        for wrong in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
            "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = GIVEN.replacen("00", "cc", 1) + "-what-comes-then";
        assert_eq!(parse(&later), parse(GIVEN));
    }

    #[test]
    fn a_child_has_the_trace_but_another_span() {
        let parent = parse(GIVEN).unwrap();
        let child = parent.child();
        assert_eq!((child.trace, child.sampled), (parent.trace, true));
        assert_ne!(child.span, parent.span);
    }
}
