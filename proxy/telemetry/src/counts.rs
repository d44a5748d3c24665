//! What was exported and what was lost, counted.

use prometheus::{IntCounterVec, Opts, Registry};

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
    /// Data points of metrics.
    Metrics,
}

impl Signal {
    /// Value of the label `signal`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
            Self::Metrics => "metrics",
        }
    }
}

/// Why something was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// More came than the collector takes, or it takes nothing for a while.
    QueueFull,
    /// The collector could not be reached, or asked to try again, for too long.
    Unreachable,
    /// The collector refused the request as a whole.
    Refused,
    /// The collector took the request, but not everything in it.
    Rejected,
    /// The process ended before the collector had it.
    Shutdown,
}

impl Loss {
    /// Value of the label `reason`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Rejected => "rejected",
            Self::Shutdown => "shutdown",
        }
    }

    const ALL: [Self; 5] = [
        Self::QueueFull,
        Self::Unreachable,
        Self::Refused,
        Self::Rejected,
        Self::Shutdown,
    ];
}

/// The families of the exporter. Cheap to clone; all clones count into the same registry.
#[derive(Clone, Debug)]
pub struct Counts {
    exported: IntCounterVec,
    dropped: IntCounterVec,
}

impl Counts {
    /// Registers the families; they show nothing until an exporter starts.
    ///
    /// # Panics
    /// When called twice for one registry.
    pub fn register(registry: &Registry) -> Self {
        let family = |name, help, labels: &[&str]| {
            let family = IntCounterVec::new(Opts::new(name, help), labels)
                .expect("names and labels are valid constants");
            registry
                .register(Box::new(family.clone()))
                .expect("the families are registered once per registry");
            family
        };
        Self {
            exported: family(
                "hivewright_telemetry_exported_total",
                "Spans, log records and data points that the OTLP collector took",
                &["signal"],
            ),
            dropped: family(
                "hivewright_telemetry_dropped_total",
                "Spans, log records and data points that no OTLP collector got, by why",
                &["signal", "reason"],
            ),
        }
    }

    /// Shows every row of a signal, at zero: a rate needs a beginning.
    pub fn begin(&self, signal: Signal) {
        self.exported(signal, 0);
        for reason in Loss::ALL {
            self.dropped(signal, reason, 0);
        }
    }

    pub(crate) fn exported(&self, signal: Signal, items: u64) {
        let row = self.exported.with_label_values(&[signal.as_str()]);
        row.inc_by(items);
    }

    pub(crate) fn dropped(&self, signal: Signal, reason: Loss, items: u64) {
        let labels = [signal.as_str(), reason.as_str()];
        self.dropped.with_label_values(&labels).inc_by(items);
    }
}
