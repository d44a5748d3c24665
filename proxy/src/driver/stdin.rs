//! The bounded queue of lines on their way to the server's stdin.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::exchange::Marks;

/// Lines that may wait for the server to read them. Far above what 20 busy clients keep in flight,
/// and low enough that a server that stopped reading is noticed within one burst.
pub const MAX_STDIN_LINES: usize = 4096;
/// Bytes that may wait for the server to read them. Four of the largest bodies
/// ([`crate::http::MAX_BODY`]), a quarter of the proxy's usual memory limit.
pub const MAX_STDIN_BYTES: usize = 4 * crate::http::MAX_BODY;
/// Lines taken out at once by [`StdinQueue::recv_batch`]: enough to make one write of a burst.
pub const STDIN_BATCH: usize = 64;

/// The writing end; the driver holds it while the process is of use.
#[derive(Debug)]
pub(super) struct StdinSender {
    lines: mpsc::Sender<Queued>,
    bytes: Arc<AtomicUsize>,
}

/// Lines to write to the server's stdin, in order, each with its newline.
///
/// When the driver has no more use for the process the queue ends (`None`); the reason is then in
/// [`crate::driver::Bridge::status`].
#[derive(Debug)]
pub struct StdinQueue {
    lines: mpsc::Receiver<Queued>,
    bytes: Arc<AtomicUsize>,
    /// Reused between batches; empty between them.
    taken: Vec<Queued>,
    /// Of the lines that were given out and not asked past yet.
    in_hand: Vec<Arc<Marks>>,
}

/// One line, with the marks of a call whose trace is recorded.
#[derive(Debug)]
struct Queued {
    line: Bytes,
    marks: Option<Arc<Marks>>,
}

/// Why a line could not be queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotQueued {
    /// One of the two bounds is reached: the process does not read.
    Full,
    /// The backend dropped its end: it is about to report the loss itself.
    Closed,
}

/// A fresh queue for a fresh process.
pub(super) fn queue() -> (StdinSender, StdinQueue) {
    let (tx, rx) = mpsc::channel(MAX_STDIN_LINES);
    let bytes = Arc::new(AtomicUsize::new(0));
    let sender = StdinSender {
        lines: tx,
        bytes: bytes.clone(),
    };
    let queue = StdinQueue {
        lines: rx,
        bytes,
        taken: Vec::new(),
        in_hand: Vec::new(),
    };
    (sender, queue)
}

impl StdinSender {
    /// Queues one line without waiting. Only the driver calls it, under its lock, so the sum
    /// cannot be raised by two at once.
    pub(super) fn push(&self, line: Bytes, marks: Option<Arc<Marks>>) -> Result<(), NotQueued> {
        let len = line.len();
        if self.bytes.load(Ordering::Acquire) + len > MAX_STDIN_BYTES {
            return Err(NotQueued::Full);
        }
        self.bytes.fetch_add(len, Ordering::AcqRel);
        self.lines
            .try_send(Queued { line, marks })
            .map_err(|error| {
                self.bytes.fetch_sub(len, Ordering::AcqRel);
                match error {
                    mpsc::error::TrySendError::Full(_) => NotQueued::Full,
                    mpsc::error::TrySendError::Closed(_) => NotQueued::Closed,
                }
            })
    }

    /// Lines and bytes that wait.
    pub(super) fn waiting(&self) -> (usize, usize) {
        let lines = self.lines.max_capacity() - self.lines.capacity();
        (lines, self.bytes.load(Ordering::Acquire))
    }
}

impl StdinQueue {
    /// The next line; `None` when the process is to be dropped. Cancel-safe.
    pub async fn recv(&mut self) -> Option<Bytes> {
        self.wrote();
        let queued = self.lines.recv().await?;
        self.bytes.fetch_sub(queued.line.len(), Ordering::AcqRel);
        Some(self.give_out(queued))
    }

    /// Appends up to [`STDIN_BATCH`] waiting lines to `batch`, waiting for the first; returns how
    /// many, 0 when the process is to be dropped. Cancel-safe: nothing is taken unless it returns.
    pub async fn recv_batch(&mut self, batch: &mut Vec<Bytes>) -> usize {
        self.wrote();
        let count = self.lines.recv_many(&mut self.taken, STDIN_BATCH).await;
        let bytes: usize = self.taken.iter().map(|queued| queued.line.len()).sum();
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
        let mut taken = std::mem::take(&mut self.taken);
        batch.extend(taken.drain(..).map(|queued| self.give_out(queued)));
        self.taken = taken;
        count
    }

    fn give_out(&mut self, queued: Queued) -> Bytes {
        if let Some(marks) = queued.marks {
            marks.take();
            self.in_hand.push(marks);
        }
        queued.line
    }

    /// Whoever asks for more has written what it had.
    fn wrote(&mut self) {
        self.in_hand.drain(..).for_each(|marks| marks.wrote());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_past_the_count_is_refused_and_leaves_the_sum_unchanged() {
        let (tx, rx) = queue();
        for _ in 0..MAX_STDIN_LINES {
            assert_eq!(tx.push(Bytes::from_static(b"x\n"), None), Ok(()));
        }
        assert_eq!(
            tx.push(Bytes::from_static(b"x\n"), None),
            Err(NotQueued::Full)
        );
        assert_eq!(rx.bytes.load(Ordering::Acquire), 2 * MAX_STDIN_LINES);
    }

    #[tokio::test]
    async fn bytes_past_the_bound_are_refused_until_the_server_reads() {
        let (tx, mut rx) = queue();
        let half = Bytes::from(vec![b'x'; MAX_STDIN_BYTES / 2]);
        assert_eq!(tx.push(half.clone(), None), Ok(()));
        assert_eq!(tx.push(half.clone(), None), Ok(()));
        assert_eq!(
            tx.push(Bytes::from_static(b"x"), None),
            Err(NotQueued::Full)
        );
        assert_eq!(rx.recv().await.map(|line| line.len()), Some(half.len()));
        assert_eq!(tx.push(Bytes::from_static(b"x"), None), Ok(()));
    }

    #[tokio::test]
    async fn a_batch_takes_what_waits_in_order_and_frees_its_bytes() {
        let (tx, mut rx) = queue();
        for line in ["a\n", "b\n", "c\n"] {
            assert_eq!(tx.push(Bytes::from_static(line.as_bytes()), None), Ok(()));
        }
        let mut batch = Vec::new();
        assert_eq!(rx.recv_batch(&mut batch).await, 3);
        assert_eq!(batch.concat(), b"a\nb\nc\n");
        assert_eq!(rx.bytes.load(Ordering::Acquire), 0);
    }

    #[tokio::test]
    async fn the_queue_ends_when_the_driver_drops_the_process() {
        let (tx, mut rx) = queue();
        drop(tx);
        assert_eq!(rx.recv().await, None);
        assert_eq!(rx.recv_batch(&mut Vec::new()).await, 0);
    }
}
