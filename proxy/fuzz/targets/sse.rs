//! Events come out the same however the chunks are cut, none holds more than its bound, and what we
//! encode is what we decode.

use bytes::Bytes;
use hivewright_bridge::{
    sse,
    sse_decoder::{Decoded, Decoder, EventKind},
};

/// See the module.
pub(crate) fn target(data: &[u8]) {
    let (max, data) = super::knob(data);
    let (size, data) = super::knob(data);
    let whole = decoded(data, data.len().max(1), max);
    assert_eq!(decoded(data, size, max), whole);
    assert_eq!(decoded(data, 1, max), whole);
    let breaks = |byte: &u8| matches!(byte, b'\n' | b'\r');
    if !data.iter().any(breaks) {
        let events = decoded(&sse::message(data), size, usize::MAX).0;
        let same = Decoded::Event(EventKind::Message, Bytes::copy_from_slice(data));
        assert_eq!(events, [same]);
    }
}

type Read = (Vec<Decoded>, Option<String>, Option<std::time::Duration>);

fn decoded(data: &[u8], size: usize, max: usize) -> Read {
    let mut decoder = Decoder::with_max(max);
    let mut out = Vec::new();
    for chunk in data.chunks(size) {
        decoder.feed(Bytes::copy_from_slice(chunk));
        while let Some(event) = decoder.next() {
            match &event {
                Decoded::Event(_, data) => assert!(data.len() <= max),
                Decoded::Oversized(data) => assert!(data.bytes > max),
            }
            out.push(event);
        }
    }
    (
        out,
        decoder.last_id().map(ToString::to_string),
        decoder.retry(),
    )
}
