//! What is counted of the journal; there is nothing of it if none is kept.

use std::time::Duration;

use hivewright_core::{Journal as State, JournalFault};
use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Registry};

use super::families::{add, counter, opts, plain};
use crate::journal::Shortened;

/// Bounds of the append histogram, in seconds: a commit on a fast disk takes well under a
/// millisecond, one that is given up takes two seconds.
const APPEND_BUCKETS: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0];

/// Handles of the journal's families; cheap to clone.
#[derive(Clone, Debug)]
pub struct JournalMetrics {
    up: IntGauge,
    bytes: IntGauge,
    events: IntCounterVec,
    removed: IntCounterVec,
    faults: IntCounterVec,
    replaced: IntCounter,
    append: Histogram,
}

impl JournalMetrics {
    pub(super) fn register(registry: &Registry) -> Self {
        let metrics = Self {
            up: gauge(
                registry,
                "journal_up",
                "1 while events can be written to the journal, else 0",
            ),
            bytes: gauge(
                registry,
                "journal_bytes",
                "Bytes that the journal's file holds",
            ),
            events: counter(
                registry,
                "journal_events_total",
                "Events that should be in the journal, by whether they are: stored or lost",
                &["outcome"],
            ),
            removed: counter(
                registry,
                "journal_removed_events_total",
                "Events that were removed from the journal to keep it within its bounds, by the bound: age or size",
                &["bound"],
            ),
            faults: counter(
                registry,
                "journal_faults_total",
                "Times that the journal ceased to be available",
                &["reason"],
            ),
            replaced: plain(
                registry,
                "journal_replaced_total",
                "Files of the journal that could not be used and were moved aside",
            ),
            append: append(registry),
        };
        // Series that are looked at for being 0 must be there before anything is counted.
        for outcome in ["stored", "lost"] {
            metrics.events.with_label_values(&[outcome]);
        }
        for bound in ["age", "size"] {
            metrics.removed.with_label_values(&[bound]);
        }
        for fault in JournalFault::ALL {
            let reason = State::Unavailable(fault).reason();
            metrics.faults.with_label_values(&[reason.as_str()]);
        }
        metrics
    }

    pub(crate) fn up(&self, up: bool) {
        self.up.set(i64::from(up));
    }

    pub(crate) fn bytes(&self, bytes: u64) {
        self.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    pub(crate) fn stored(&self, events: u64) {
        self.events.with_label_values(&["stored"]).inc_by(events);
    }

    pub(crate) fn lost(&self, events: usize) {
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        self.events.with_label_values(&["lost"]).inc_by(events);
    }

    pub(crate) fn removed(&self, done: Shortened) {
        self.removed.with_label_values(&["age"]).inc_by(done.age);
        self.removed.with_label_values(&["size"]).inc_by(done.size);
    }

    pub(crate) fn fault(&self, state: State) {
        self.faults
            .with_label_values(&[state.reason().as_str()])
            .inc();
    }

    pub(crate) fn replaced(&self) {
        self.replaced.inc();
    }

    pub(crate) fn appended(&self, took: Duration) {
        self.append.observe(took.as_secs_f64());
    }
}

fn gauge(registry: &Registry, name: &str, help: &str) -> IntGauge {
    let gauge = IntGauge::with_opts(opts(name, help)).expect("names are constants and valid");
    add(registry, gauge.clone());
    gauge
}

fn append(registry: &Registry) -> Histogram {
    let help = "Time of one transaction of the journal, with all that waited for it, in seconds";
    let opts = HistogramOpts::from(opts("journal_append_seconds", help));
    let histogram = Histogram::with_opts(opts.buckets(APPEND_BUCKETS.to_vec()))
        .expect("names are constants and buckets rise");
    add(registry, histogram.clone());
    histogram
}
