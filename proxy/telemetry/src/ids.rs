//! Ids of traces and spans, as the [W3C Trace Context] has them.
//!
//! [W3C Trace Context]: https://www.w3.org/TR/trace-context/#traceparent-header

use std::{
    cell::Cell,
    fmt,
    hash::{BuildHasher as _, Hasher as _, RandomState},
};

/// Id of a trace. Never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

/// Id of a span. Never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

impl TraceId {
    /// These bytes as an id; `None` if all are zero, which the specification forbids.
    pub fn new(bytes: [u8; 16]) -> Option<Self> {
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// A new one that ends with `low`: what a ratio of traces is chosen by.
    pub(crate) fn ending_with(low: u64) -> Self {
        let mut bytes = [0; 16];
        // Never zero, so that the id is none.
        bytes[..8].copy_from_slice(&(random() | 1).to_be_bytes());
        bytes[8..].copy_from_slice(&low.to_be_bytes());
        Self(bytes)
    }

    /// The bytes, most significant first.
    pub const fn bytes(&self) -> [u8; 16] {
        self.0
    }
}

impl SpanId {
    /// These bytes as an id; `None` if all are zero, which the specification forbids.
    pub fn new(bytes: [u8; 8]) -> Option<Self> {
        (bytes != [0; 8]).then_some(Self(bytes))
    }

    /// A new one.
    pub fn random() -> Self {
        let bytes = random().to_be_bytes();
        Self::new(bytes).unwrap_or(Self([1; 8]))
    }

    /// The bytes, most significant first.
    pub const fn bytes(&self) -> [u8; 8] {
        self.0
    }
}

/// 64 bits that nobody needs to be unable to guess: SplitMix64 (Steele, Lea, Flood 2014), a state for
/// each thread, seeded with the keys that the standard library draws for its hash maps.
pub(crate) fn random() -> u64 {
    thread_local! {
        static STATE: Cell<u64> = Cell::new(RandomState::new().build_hasher().finish());
    }
    STATE.with(|state| {
        let next = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(next);
        let mixed = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

/// Hexadecimal digits, two for each byte, in lower case; other text is none.
pub(crate) fn digits<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
    }
    Some(bytes)
}

/// The text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no id: write lower-case hexadecimal digits, not all of them zero")]
pub struct NoId;

impl std::str::FromStr for TraceId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        digits(text.as_bytes()).and_then(Self::new).ok_or(NoId)
    }
}

impl std::str::FromStr for SpanId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        digits(text.as_bytes()).and_then(Self::new).ok_or(NoId)
    }
}

/// Writes two digits for each byte, without the machinery of formatting: each traced call has some.
pub(crate) fn hex(to: &mut [u8], bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in to.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

fn show(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    let mut text = [0; 32];
    let text = &mut text[..bytes.len() * 2];
    hex(text, bytes);
    f.write_str(std::str::from_utf8(text).expect("digits are ASCII"))
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, &self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, &self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_id_of_zeros_is_none() {
        assert!(TraceId::new([0; 16]).is_none() && SpanId::new([0; 8]).is_none());
    }

    #[test]
    fn new_ids_differ_on_every_thread() {
        let draw = || (0..1_000).map(|_| SpanId::random()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(draw)).collect();
        let all = threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap());
        assert_eq!(all.collect::<HashSet<_>>().len(), 4_000);
    }

    #[test]
    fn a_trace_id_ends_with_what_it_was_chosen_by() {
        let id = TraceId::ending_with(0x00ff);
        assert!(id.to_string().ends_with("00000000000000ff"), "{id}");
    }
}
