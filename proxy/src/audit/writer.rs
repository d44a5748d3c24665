//! The thread that writes the audit log: whoever does not read it must not stop the bridges.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

use hivewright_telemetry::Telemetry;
use parking_lot::Mutex;

use super::{AuditError, Counts, Entry, Maker, Place, Queue};

/// Entries are written together: at most so long after the first of them. What is lost when the
/// process is killed is what came within this.
pub const FLUSH_EVERY: Duration = Duration::from_millis(100);
/// Longest wait for the last entries at the end of the process.
pub const END_WAIT: Duration = Duration::from_secs(2);

/// Where lines go.
pub(super) type Out = Box<dyn Write + Send>;

/// The thread.
#[derive(Debug)]
pub(super) struct Writer {
    thread: thread::Thread,
    ending: Arc<AtomicBool>,
    ended: Mutex<Receiver<()>>,
}

/// Opens what is written to.
pub(super) fn open(place: &Place) -> Result<Out, AuditError> {
    match place {
        Place::Stdout => Ok(Box::new(io::stdout())),
        Place::File(path) => {
            let file = OpenOptions::new().append(true).create(true).open(path);
            let file = file.map_err(|error| AuditError::Unwritable(path.clone(), error))?;
            Ok(Box::new(file))
        }
    }
}

/// What the thread works with.
struct Work {
    out: Out,
    telemetry: Telemetry,
    maker: Maker,
    queue: Arc<Queue>,
    counts: Counts,
    ending: Arc<AtomicBool>,
}

impl Writer {
    /// Starts it.
    pub(super) fn start(
        (out, telemetry): (Out, Telemetry),
        maker: Maker,
        queue: Arc<Queue>,
        counts: Counts,
    ) -> Result<Self, AuditError> {
        let (end, ended) = mpsc::sync_channel(1);
        let ending = Arc::new(AtomicBool::new(false));
        let work = Work {
            out,
            telemetry,
            maker,
            queue,
            counts,
            ending: ending.clone(),
        };
        let named = thread::Builder::new().name("audit".to_owned());
        let started = named.spawn(move || {
            work.run();
            // Whoever waited for it may have given up.
            let _ = end.try_send(());
        });
        let handle = started.map_err(AuditError::Thread)?;
        Ok(Self {
            thread: handle.thread().clone(),
            ending,
            ended: Mutex::new(ended),
        })
    }

    /// There is something to write.
    pub(super) fn wake(&self) {
        self.thread.unpark();
    }

    /// Writes what waits and ends. Blocks for [`END_WAIT`] at most.
    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Release);
        self.wake();
        match self.ended.lock().recv_timeout(END_WAIT) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {}
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!("the audit log is not read; its last entries are lost");
            }
        }
    }
}

impl Drop for Writer {
    /// Without [`Writer::end`] nobody waits for it, but it must not stay.
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Release);
        self.wake();
    }
}

impl Work {
    fn run(mut self) {
        let mut entries = Vec::new();
        loop {
            let ending = self.ending.load(Ordering::Acquire);
            let lost = self.queue.take(&mut entries);
            self.write(&mut entries, lost);
            if ending {
                return;
            }
            // A wake that came before this is remembered.
            thread::park();
            if !self.ending.load(Ordering::Acquire) {
                thread::park_timeout(FLUSH_EVERY);
            }
        }
    }

    fn write(&mut self, entries: &mut Vec<Entry>, lost: usize) {
        if lost > 0 {
            self.counts.add("lost", lost);
            tracing::warn!(entries = lost, "entries of the audit log were lost");
        }
        if entries.is_empty() {
            return;
        }
        let count = entries.len();
        let mut text = String::new();
        for entry in entries.drain(..) {
            let line = self.maker.line(&entry);
            text.push_str(&line.json);
            text.push('\n');
            if self.telemetry.logs() {
                self.telemetry.log(line.record);
            }
        }
        let written = self.out.write_all(text.as_bytes());
        match written.and_then(|()| self.out.flush()) {
            Ok(()) => self.counts.add("written", count),
            Err(error) => {
                self.counts.add("failed", count);
                tracing::error!(%error, entries = count, "the audit log cannot be written");
            }
        }
    }
}
