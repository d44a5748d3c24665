//! One target a parser: bytes in, invariants asserted. A target panics if one is broken.
//!
//! The tests of `hivewright-bridge` run each over the seeds beside this folder and over generated
//! inputs.

pub(crate) mod batch;
pub(crate) mod channel;
pub(crate) mod envelope;
pub(crate) mod header;
pub(crate) mod hub;
pub(crate) mod line;
pub(crate) mod sse;
pub(crate) mod state;

/// A target and its name.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const ALL: [Target; 8] = [
    ("line", line::target),
    ("channel", channel::target),
    ("envelope", envelope::target),
    ("batch", batch::target),
    ("sse", sse::target),
    ("header", header::target),
    ("state", state::target),
    ("hub", hub::target),
];

/// The first byte as a number from 1, and the rest.
fn knob(data: &[u8]) -> (usize, &[u8]) {
    let (first, rest) = data.split_first().unwrap_or((&0, &[]));
    (usize::from(*first) + 1, rest)
}
