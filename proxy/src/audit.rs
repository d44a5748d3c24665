//! The audit log: who called what, with what outcome and size.
//!
//! ```text
//!  driver: a call is over ───┐
//!  doors: one turned away ───┴─> queue (bounded, what is lost is counted) ──> thread ─┬─> JSON lines
//!                                                                                     └─> OTLP
//! ```
//!
//! Nobody who calls waits for it: a log that is not read loses entries, and how many is counted. What
//! was called with, and what was answered, is part of it only where that is switched on.

mod entry;
mod queue;
mod who;
mod writer;

use std::{io, sync::Arc};

use hivewright_api::{audit::Server, proxy_config::AuditConfig};
use hivewright_telemetry::Telemetry;
use prometheus::{IntCounterVec, Opts, Registry};

use self::{
    entry::{Entry, Maker},
    queue::Queue,
    writer::Writer,
};
pub use self::{
    queue::MAX_WAITING,
    who::{Program, Who},
    writer::{END_WAIT, FLUSH_EVERY},
};
use crate::exchange::{Call, Ended};

/// What the audit log is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The server that is called.
    pub server: Server,
    /// What it holds beside who called what.
    pub data: AuditConfig,
    /// Where it is written to.
    pub to: Place,
}

/// Where the log is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Standard output.
    Stdout,
    /// The end of this file.
    File(std::path::PathBuf),
}

impl Settings {
    /// `NAMESPACE/NAME`, or the name alone outside a cluster.
    pub fn subject(&self) -> String {
        match &self.server.namespace {
            Some(namespace) => format!("{namespace}/{}", self.server.name),
            None => self.server.name.clone(),
        }
    }
}

/// Why there is no audit log.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file cannot be written.
    #[error("the audit log {} cannot be written; check --audit", .0.display())]
    Unwritable(std::path::PathBuf, #[source] io::Error),
    /// The system gives no thread.
    #[error("the system gives no thread for the audit log")]
    Thread(#[source] io::Error),
}

/// The audit log. Cheap to clone; all clones are the same.
#[derive(Clone, Debug)]
pub struct Audit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: Settings,
    queue: Arc<Queue>,
    writer: Writer,
}

/// Counts entries by what became of them.
#[derive(Clone, Debug)]
struct Counts(IntCounterVec);

impl Counts {
    fn register(registry: &Registry) -> Self {
        let opts = Opts::new(
            "hivewright_proxy_audit_events_total",
            "Entries of the audit log by what became of them: written, lost because too many waited, or failed to be written.",
        );
        let family = IntCounterVec::new(opts, &["outcome"]).expect("the name and label are valid");
        // Refused only where a second audit log begins in one process; its entries count nowhere.
        let _ = registry.register(Box::new(family.clone()));
        for outcome in ["written", "lost", "failed"] {
            family.with_label_values(&[outcome]);
        }
        Self(family)
    }

    fn add(&self, outcome: &str, entries: usize) {
        self.0.with_label_values(&[outcome]).inc_by(entries as u64);
    }
}

impl Audit {
    /// Begins the log.
    ///
    /// # Errors
    /// See [`AuditError`].
    pub fn begin(
        settings: Settings,
        telemetry: Telemetry,
        registry: &Registry,
    ) -> Result<Self, AuditError> {
        let (queue, counts) = (Arc::new(Queue::default()), Counts::register(registry));
        let maker = Maker::new(&settings);
        let out = writer::open(&settings.to)?;
        let writer = Writer::start((out, telemetry), maker, queue.clone(), counts)?;
        Ok(Self(Arc::new(Inner {
            settings,
            queue,
            writer,
        })))
    }

    /// What it was told.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// A call is over.
    pub fn call(&self, who: Arc<Who>, call: Call) {
        self.put(Entry::Call(who, Box::new(call)));
    }

    /// A request was turned away.
    pub fn refused(&self, who: Arc<Who>, ended: Ended) {
        self.put(Entry::Refused(who, ended));
    }

    fn put(&self, entry: Entry) {
        if self.0.queue.push(entry) {
            self.0.writer.wake();
        }
    }

    /// Writes what waits, for [`END_WAIT`] at most.
    pub async fn end(&self) {
        let audit = self.clone();
        // A panic there has printed its own message.
        let _ = tokio::task::spawn_blocking(move || audit.0.writer.end()).await;
    }
}

#[cfg(test)]
mod tests;
