//! What is still to be written to stdin. It outlives the connection.

use std::collections::VecDeque;

use bytes::Bytes;
use futures::FutureExt;
use hivewright_bridge::{
    channel,
    envelope::{self, Message},
};
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

    /// The id of the first request that is still to be written, of those that wait now; lines that
    /// are no requests are passed over.
    pub fn first_unsent(&mut self) -> Option<u64> {
        let begun = self.pieces.iter().skip_while(|piece| !piece.begins);
        let waiting: Vec<u8> = begun.flat_map(|piece| &piece.frame[1..]).copied().collect();
        let framed = waiting.split(|byte| *byte == b'\n').find_map(request_id);
        if framed.is_some() {
            return framed;
        }
        let mut looked = 0;
        loop {
            let next = self.lines[looked..]
                .iter()
                .find_map(|line| request_id(line));
            looked = self.lines.len();
            if next.is_some() {
                return next;
            }
            let more = self.source.batch(&mut self.lines).now_or_never();
            if more.unwrap_or(0) == 0 {
                return None;
            }
        }
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

fn request_id(line: &[u8]) -> Option<u64> {
    match envelope::peek(line) {
        Ok(Message::Request(request)) => request.id.integer(),
        Ok(Message::Notification(_) | Message::Response(_)) | Err(_) => None,
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

    #[tokio::test]
    async fn the_first_request_that_is_not_written_yet_is_found_wherever_it_waits() {
        let (lines, source) = mpsc::channel(8);
        let request = |id: u64, text: &str| {
            let params = format!(r#"{{"text":"{text}"}}"#);
            let line =
                format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping","params":{params}}}"#);
            lines.try_send(Bytes::from(line + "\n")).expect("room");
        };
        let mut outbox = Outbox::new(source);
        assert_eq!(outbox.first_unsent(), None);
        request(1, &"x".repeat(2 * MAX_FRAME));
        assert!(outbox.fill().await);
        assert_eq!(outbox.first_unsent(), Some(1));
        outbox.pop();
        assert_eq!(outbox.first_unsent(), None, "its beginning is written");
        let note = br#"{"jsonrpc":"2.0","method":"notifications/x"}"#;
        lines.try_send(Bytes::from_static(note)).expect("room");
        request(2, "");
        assert_eq!(outbox.first_unsent(), Some(2));
    }
}
