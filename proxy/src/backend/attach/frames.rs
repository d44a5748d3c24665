//! Lines for stdin, packed into as few frames as is good.

use bytes::Bytes;
use hivewright_bridge::channel;

/// Most bytes of stdin in one frame. The API server hands frames on in pieces of 32 KiB anyway, and
/// smaller frames let pings through between the pieces of a long line.
pub const MAX_FRAME: usize = 32 * 1024;

/// The frames that write these lines: short lines share a frame, long ones take several. Empties
/// `lines` and uses `scratch` between calls.
pub fn frames(lines: &mut Vec<Bytes>, scratch: &mut Vec<u8>) -> Vec<Bytes> {
    let mut frames = Vec::with_capacity(1);
    for line in lines.drain(..) {
        if !scratch.is_empty() && scratch.len() + line.len() > MAX_FRAME {
            frames.push(channel::stdin(scratch));
            scratch.clear();
        }
        if line.len() > MAX_FRAME {
            frames.extend(line.chunks(MAX_FRAME).map(channel::stdin));
        } else {
            scratch.extend_from_slice(&line);
        }
    }
    if !scratch.is_empty() {
        frames.push(channel::stdin(scratch));
        scratch.clear();
    }
    frames
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_lines_share_a_frame() {
        let mut lines = vec![Bytes::from_static(b"{}\n"), Bytes::from_static(b"[]\n")];
        assert_eq!(frames(&mut lines, &mut Vec::new()), [&b"\0{}\n[]\n"[..]]);
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
                .map(|(length, byte)| Bytes::from(vec![byte; *length]))
                .collect();
            let expected = lines.concat();
            let mut sent = Vec::new();
            for frame in frames(&mut lines, &mut Vec::new()) {
                prop_assert_eq!(frame[0], 0, "channel of stdin");
                prop_assert!(frame.len() > 1 && frame.len() <= MAX_FRAME + 1);
                sent.extend_from_slice(&frame[1..]);
            }
            prop_assert_eq!(sent, expected);
        }
    }
}
