//! What is still to be written to stdin. It outlives the connection.

use std::collections::VecDeque;

use bytes::Bytes;
use futures::FutureExt;
use hivewright_bridge::channel;
use tokio::task::yield_now;

use super::frames::{Piece, frames};
use crate::backend::source::LineSource;

/// The lines of the driver, as frames. A frame is taken out when the socket has it.
#[derive(Debug)]
pub struct Outbox<Q> {
    source: Q,
    lines: Vec<Bytes>,
    scratch: Vec<u8>,
    pieces: VecDeque<Piece>,
}

impl<Q: LineSource> Outbox<Q> {
    /// For a fresh process.
    pub const fn new(source: Q) -> Self {
        Self {
            source,
            lines: Vec::new(),
            scratch: Vec::new(),
            pieces: VecDeque::new(),
        }
    }

    /// Waits until there is a frame to write; false when the process is to be dropped. Cancel-safe.
    pub(super) async fn fill(&mut self) -> bool {
        if !self.pieces.is_empty() {
            return true;
        }
        if self.lines.is_empty() && self.source.batch(&mut self.lines).await == 0 {
            return false;
        }
        // Clients that are ready now get their lines into the same frame: frames, not bytes, are
        // what the API server and the kubelet work for.
        yield_now().await;
        let _ = self.source.batch(&mut self.lines).now_or_never();
        frames(&mut self.lines, &mut self.scratch, &mut self.pieces);
        true
    }

    /// The next frame.
    pub(super) fn front(&self) -> Option<&Piece> {
        self.pieces.front()
    }

    /// The socket has it.
    pub(super) fn pop(&mut self) {
        self.pieces.pop_front();
    }

    /// A new connection is about to be written to. The rest of a line that the old one broke off is
    /// left out. If the process may have read a half line (`half`), a newline ends that first: half
    /// a JSON object is never a message, so the server refuses it, and the next line stands alone.
    /// If the line was read whole but for its newline, this is it.
    pub(super) fn resume(&mut self, half: bool) {
        while self.pieces.front().is_some_and(|piece| !piece.begins) {
            self.pieces.pop_front();
        }
        if half {
            self.pieces.push_front(Piece {
                frame: channel::stdin(b"\n"),
                begins: true,
                part: false,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::{super::MAX_FRAME, *};

    #[tokio::test]
    async fn after_a_break_inside_a_line_its_rest_is_left_out_and_a_newline_ends_its_beginning() {
        let (lines, source) = mpsc::channel(4);
        let long = Bytes::from([vec![b'x'; 3 * MAX_FRAME], vec![b'\n']].concat());
        lines.try_send(long).expect("room");
        lines.try_send(Bytes::from_static(b"next\n")).expect("room");
        let mut outbox = Outbox::new(source);
        assert!(outbox.fill().await);
        outbox.pop();
        outbox.resume(true);
        assert_eq!(&outbox.front().expect("a newline").frame[1..], b"\n");
        outbox.pop();
        assert_eq!(&outbox.front().expect("a line").frame[1..], b"next\n");
        outbox.pop();
        drop(lines);
        assert!(!outbox.fill().await, "the process is to be dropped");
    }

    #[tokio::test]
    async fn what_the_socket_did_not_get_is_written_to_the_next_one() {
        let (lines, source) = mpsc::channel(4);
        lines.try_send(Bytes::from_static(b"a\n")).expect("room");
        let mut outbox = Outbox::new(source);
        assert!(outbox.fill().await);
        outbox.resume(false);
        assert_eq!(&outbox.front().expect("a line").frame[1..], b"a\n");
    }
}
