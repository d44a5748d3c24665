//! The thread that writes a recording.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde::Serialize;
use tokio::sync::mpsc;

use super::{
    entry::{End, Entry, FORMAT, Header, What},
    queue::Item,
    redact::Bodies,
};

/// Size of a recording, in bytes, at which it stops: what a bug tracker may still take compressed,
/// and what `replay` holds in memory.
pub const MAX_RECORDING: u64 = 256 * 1024 * 1024;

/// What became of a recording.
#[derive(Debug)]
pub struct Summary {
    /// Entries in the file.
    pub entries: u64,
    /// Its size, in bytes.
    pub bytes: u64,
    /// Entries that are missing because the disk was too slow.
    pub lost: u64,
    /// Whether it stopped at its bound.
    pub full: bool,
    /// Why it broke off, if it did.
    pub broken: Option<io::Error>,
}

impl Summary {
    /// Whether all that was seen is in the file.
    pub const fn is_complete(&self) -> bool {
        self.lost == 0 && !self.full && self.broken.is_none()
    }
}

/// Writes one file.
#[derive(Debug)]
pub(super) struct Writer {
    file: BufWriter<File>,
    bodies: Bodies,
    /// Bytes that wait in the queue.
    queued: Arc<AtomicUsize>,
    max: u64,
    line: Vec<u8>,
    summary: Summary,
}

impl Writer {
    pub(super) fn new(file: File, bodies: Bodies, queued: Arc<AtomicUsize>) -> Self {
        Self {
            file: BufWriter::new(file),
            bodies,
            queued,
            max: MAX_RECORDING,
            line: Vec::new(),
            summary: Summary {
                entries: 0,
                bytes: 0,
                lost: 0,
                full: false,
                broken: None,
            },
        }
    }

    /// Writes until the end. What was queued but is not written any more is dropped with the queue,
    /// and nothing more is taken.
    pub(super) fn run(mut self, mut items: mpsc::Receiver<Item>) -> Summary {
        if let Err(error) = self.all(&mut items) {
            tracing::warn!(%error, "the recording broke off; what is there can be read");
            self.summary.broken = Some(error);
        }
        if self.summary.full {
            let bytes = self.summary.bytes;
            tracing::warn!(bytes, "the recording is full and has stopped");
        }
        self.summary
    }

    fn all(&mut self, items: &mut mpsc::Receiver<Item>) -> io::Result<()> {
        self.put(&Header {
            format: FORMAT,
            proxy: env!("CARGO_PKG_VERSION").to_owned(),
            started: jiff::Timestamp::now().to_string(),
            redacted: matches!(self.bodies, Bodies::Outline(_)),
        })?;
        loop {
            let item = if let Ok(item) = items.try_recv() {
                item
            } else {
                // Nothing waits: whoever looks at the file now finds all of it.
                self.file.flush()?;
                let Some(item) = items.blocking_recv() else {
                    return Ok(());
                };
                item
            };
            if !self.item(item)? {
                return self.file.flush();
            }
        }
    }

    /// Whether there is more to come.
    fn item(&mut self, item: Item) -> io::Result<bool> {
        match item {
            Item::Kept {
                at,
                pod,
                kept,
                lost,
            } => {
                self.lost(at, lost)?;
                let what = kept.what(&self.bodies);
                self.queued.fetch_sub(kept.weight(), Ordering::AcqRel);
                if let Some(what) = what {
                    self.entry(at, pod, what)?;
                }
                Ok(!self.summary.full)
            }
            Item::Finish { at, lost } => {
                self.lost(at, lost)?;
                let why = End::Finished;
                self.entry(at, 0, What::End { why })?;
                Ok(false)
            }
        }
    }

    fn lost(&mut self, at: Duration, entries: u64) -> io::Result<()> {
        if entries == 0 {
            return Ok(());
        }
        tracing::warn!(
            entries,
            "the disk is too slow for the recording: entries are missing"
        );
        self.summary.lost += entries;
        self.entry(at, 0, What::Lost { entries })
    }

    fn entry(&mut self, at: Duration, pod: usize, what: What) -> io::Result<()> {
        if self.summary.full {
            return Ok(());
        }
        let at = u64::try_from(at.as_micros()).unwrap_or(u64::MAX);
        self.line.clear();
        serde_json::to_writer(&mut self.line, &Entry { at, pod, what })?;
        self.summary.full = self.summary.bytes + self.line.len() as u64 > self.max;
        if self.summary.full {
            let why = End::Full;
            let end = Entry {
                at,
                pod: 0,
                what: What::End { why },
            };
            return self.put(&end);
        }
        self.summary.entries += 1;
        self.write()
    }

    fn put(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)?;
        self.write()
    }

    fn write(&mut self) -> io::Result<()> {
        self.line.push(b'\n');
        self.summary.bytes += self.line.len() as u64;
        self.file.write_all(&self.line)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::record::{Recording, convert::Kept};

    fn kept(text: &'static str) -> Item {
        Item::Kept {
            at: Duration::from_millis(1),
            pod: 0,
            kept: Kept::Stderr(Bytes::from_static(text.as_bytes())),
            lost: 0,
        }
    }

    fn run(file: File, max: u64, items: Vec<Item>) -> Summary {
        let (queue, waiting) = mpsc::channel(items.len() + 1);
        for item in items {
            queue.try_send(item).expect("room");
        }
        drop(queue);
        let queued = Arc::new(AtomicUsize::new(1000));
        let mut writer = Writer::new(file, Bodies::Whole, queued);
        writer.max = max;
        writer.run(waiting)
    }

    #[test]
    fn at_its_bound_a_recording_ends_with_a_line_that_says_so() {
        let path = tempfile::NamedTempFile::new().unwrap();
        let items = (0..100).map(|_| kept("0123456789")).collect();
        let summary = run(path.reopen().unwrap(), 1000, items);
        assert!(summary.full && !summary.is_complete());
        assert!(summary.bytes < 1100, "{}", summary.bytes);
        let recording = Recording::read(path.path()).unwrap();
        assert_eq!(recording.end, Some(End::Full));
        assert_eq!(recording.lines.len() as u64, summary.entries);
    }

    #[test]
    fn a_full_disk_ends_the_recording_and_is_told() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let summary = run(full, MAX_RECORDING, vec![kept("x")]);
        let broken = summary.broken.expect("it is told");
        assert_eq!(broken.kind(), io::ErrorKind::StorageFull);
    }
}
