//! A frame's payload is what follows its channel, and what we write is what the other end reads.

use bytes::Bytes;
use hivewright_bridge::channel::{self, ChannelError, Frame};

/// See the module.
pub(crate) fn target(data: &[u8]) {
    let frame = Bytes::copy_from_slice(data);
    match (channel::decode(frame), data) {
        (Ok(Frame::Stdout(payload)), [1, rest @ ..])
        | (Ok(Frame::Stderr(payload)), [2, rest @ ..]) => assert_eq!(payload, rest),
        (Ok(Frame::Status(_)) | Err(ChannelError::BadStatus), [3, ..])
        | (Err(ChannelError::Empty), [] | [255]) => {}
        (Ok(Frame::Closed(closed)), [255, first, ..]) => assert_eq!(closed, *first),
        (Err(ChannelError::Unexpected(named)), [channel, ..]) => {
            assert_eq!(named, *channel);
            assert!(!matches!(channel, 1..=3 | 255));
        }
        (decoded, _) => unreachable!("{decoded:?}"),
    }
    let written = channel::stdin(data);
    assert_eq!((written[0], &written[1..]), (0, data));
}
