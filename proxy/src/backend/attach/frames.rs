//! Lines for stdin, packed into as few frames as is good.

use std::collections::VecDeque;

use bytes::Bytes;
use hivewright_bridge::channel;

/// Most bytes of stdin in one frame. The API server hands frames on in pieces of 32 KiB anyway, and
/// smaller frames let pings through between the pieces of a long line.
pub const MAX_FRAME: usize = 32 * 1024;

/// One frame on its way to stdin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The frame, with the byte of its channel.
    pub frame: Bytes,
    /// It begins where a line begins.
    pub begins: bool,
    /// It holds a part of a line that takes several frames.
    pub part: bool,
}

impl Piece {
    fn whole(lines: &[u8]) -> Self {
        Self {
            frame: channel::stdin(lines),
            begins: true,
            part: false,
        }
    }
}

/// The frames that write these lines: short lines share a frame, long ones take several. Empties
/// `lines` and uses `scratch` between calls.
pub fn frames(lines: &mut Vec<Bytes>, scratch: &mut Vec<u8>, frames: &mut VecDeque<Piece>) {
    for line in lines.drain(..) {
        if !scratch.is_empty() && scratch.len() + line.len() > MAX_FRAME {
            frames.push_back(Piece::whole(scratch));
            scratch.clear();
        }
        if line.len() > MAX_FRAME {
            let parts = line.chunks(MAX_FRAME).enumerate();
            frames.extend(parts.map(|(at, part)| Piece {
                frame: channel::stdin(part),
                begins: at == 0,
                part: true,
            }));
        } else {
            scratch.extend_from_slice(&line);
        }
    }
    if !scratch.is_empty() {
        frames.push_back(Piece::whole(scratch));
        scratch.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_lines_share_a_frame() {
        let mut lines = vec![Bytes::from_static(b"{}\n"), Bytes::from_static(b"[]\n")];
        let mut sent = VecDeque::new();
        frames(&mut lines, &mut Vec::new(), &mut sent);
        assert_eq!(sent, [Piece::whole(b"{}\n[]\n")]);
        assert!(lines.is_empty());
    }

    proptest! {
        #[test]
        fn frames_carry_every_byte_in_order_within_the_bound(
            lengths in prop::collection::vec(1..3 * MAX_FRAME, 0..12),
        ) {
            let mut lines: Vec<Bytes> = lengths
                .iter()
                .zip(0_u8..)
                .map(|(length, byte)| [vec![byte + b'a'; *length], vec![b'\n']].concat().into())
                .collect();
            let expected = lines.concat();
            let (mut sent, mut pieces) = (Vec::new(), VecDeque::new());
            frames(&mut lines, &mut Vec::new(), &mut pieces);
            for Piece { frame, begins, .. } in pieces {
                let whole = sent.last().is_none_or(|last| *last == b'\n');
                prop_assert_eq!(begins, whole);
                prop_assert_eq!(frame[0], 0, "channel of stdin");
                prop_assert!(frame.len() > 1 && frame.len() <= MAX_FRAME + 1);
                sent.extend_from_slice(&frame[1..]);
            }
            prop_assert_eq!(sent, expected);
        }
    }
}
