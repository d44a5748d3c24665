//! Lines come out the same however the chunks are cut, and none is longer than its bound.

use bytes::Bytes;
use hivewright_bridge::line::{Framed, Lines};

/// See the module.
pub(crate) fn target(data: &[u8]) {
    let (max, data) = super::knob(data);
    let (size, data) = super::knob(data);
    let whole = framed(data, data.len().max(1), max);
    assert_eq!(framed(data, size, max), whole);
    assert_eq!(framed(data, 1, max), whole);
    let newlines = memchr::memchr_iter(b'\n', data).count();
    assert!(whole.len() == newlines || whole.len() == newlines + 1);
}

fn framed(data: &[u8], size: usize, max: usize) -> Vec<Framed> {
    let mut lines = Lines::with_max(max);
    let mut out = Vec::new();
    for chunk in data.chunks(size) {
        lines.feed(Bytes::copy_from_slice(chunk));
        while let Some(framed) = lines.next() {
            out.push(framed);
        }
    }
    out.extend(lines.finish());
    for framed in &out {
        match framed {
            Framed::Line(line) => assert!(line.len() <= max && !line.contains(&b'\n')),
            Framed::Oversized(line) => assert!(line.bytes > max),
        }
    }
    out
}
