//! From the driver's lock to the writer's thread, without ever waiting.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};

use super::{
    CreateError,
    convert::Kept,
    file,
    redact::Bodies,
    writer::{Summary, Writer},
};
use crate::driver::{Observer, Seen};

/// Entries that may wait for the disk: some seconds of a busy server.
pub const MAX_QUEUED: usize = 16_384;
/// Bytes of messages that may wait for the disk. They are kept in memory for as long.
pub const MAX_QUEUED_BYTES: usize = 64 * 1024 * 1024;
/// How long the end of the proxy waits for the rest of the queue to be written.
pub const FINISH_WAIT: Duration = Duration::from_secs(10);

/// What goes to the writer.
#[derive(Debug)]
pub(super) enum Item {
    /// One thing, and how many before it were lost.
    Kept {
        at: Duration,
        pod: usize,
        kept: Kept,
        lost: u64,
    },
    /// Nothing follows, and how many were lost since the last.
    Finish { at: Duration, lost: u64 },
}

/// Sees all that crosses and queues it. Cheap to clone; all clones write one recording.
#[derive(Clone, Debug)]
pub struct Recorder(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    start: Instant,
    queue: mpsc::Sender<Item>,
    /// Bytes that wait; shared with the writer, which frees them.
    bytes: Arc<AtomicUsize>,
    /// Entries lost since the last that was queued.
    lost: AtomicU64,
    written: parking_lot::Mutex<Option<oneshot::Receiver<Summary>>>,
}

impl Recorder {
    /// Begins a recording in a new file.
    ///
    /// # Errors
    /// See [`CreateError`].
    pub fn create(path: &Path, redacted: bool) -> Result<Self, CreateError> {
        let bodies = Bodies::new(redacted).map_err(|error| CreateError::System(error.into()))?;
        let file = file::create(path)?;
        let (queue, items) = mpsc::channel(MAX_QUEUED);
        let (done, written) = oneshot::channel();
        let bytes = Arc::new(AtomicUsize::new(0));
        let writer = Writer::new(file, bodies, bytes.clone());
        let thread = thread::Builder::new().name("recording".to_owned());
        thread
            .spawn(move || {
                // Nobody waits any more if the proxy was killed meanwhile.
                let _ = done.send(writer.run(items));
            })
            .map_err(CreateError::System)?;
        Ok(Self(Arc::new(Inner {
            start: Instant::now(),
            queue,
            bytes,
            lost: AtomicU64::new(0),
            written: parking_lot::Mutex::new(Some(written)),
        })))
    }

    /// Writes what still waits and ends the recording; none if that takes longer than
    /// [`FINISH_WAIT`] or was done before.
    pub async fn finish(&self) -> Option<Summary> {
        let written = self.0.written.lock().take()?;
        let at = self.0.start.elapsed();
        let lost = self.0.lost.swap(0, Ordering::AcqRel);
        let finish = async {
            // A writer that has stopped has said why in its summary.
            let _ = self.0.queue.send(Item::Finish { at, lost }).await;
            written.await.ok()
        };
        timeout(FINISH_WAIT, finish).await.ok().flatten()
    }

    fn keep(&self, pod: usize, kept: Kept) {
        let inner = &self.0;
        let weight = kept.weight();
        let before = inner.bytes.fetch_add(weight, Ordering::AcqRel);
        if before + weight > MAX_QUEUED_BYTES && before > 0 {
            return self.lose(weight, 1);
        }
        let lost = inner.lost.swap(0, Ordering::AcqRel);
        let at = inner.start.elapsed();
        let item = Item::Kept {
            at,
            pod,
            kept,
            lost,
        };
        match inner.queue.try_send(item) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => self.lose(weight, lost + 1),
            // The recording is over; it has said so.
            Err(mpsc::error::TrySendError::Closed(_)) => self.lose(weight, 0),
        }
    }

    fn lose(&self, weight: usize, entries: u64) {
        self.0.bytes.fetch_sub(weight, Ordering::AcqRel);
        self.0.lost.fetch_add(entries, Ordering::AcqRel);
    }
}

impl Observer for Recorder {
    fn saw(&self, pod: usize, seen: Seen<'_>) {
        let kept = match seen {
            Seen::Input(hivewright_bridge::Input::Tick)
            | Seen::Output(hivewright_bridge::Output::Event(_)) => return,
            Seen::Input(input) => Kept::Input(input.clone()),
            Seen::Output(output) => Kept::Output(output.clone()),
            Seen::Stderr(line) => Kept::Stderr(Bytes::copy_from_slice(line)),
            Seen::Command(news) => Kept::Command(news.clone()),
        };
        self.keep(pod, kept);
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
