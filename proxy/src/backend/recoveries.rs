//! What became of attach connections that broke.

use std::time::Duration;

use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, Opts, Registry};

use super::attach::AttachEnd;

/// Outcomes, so that every one is there from the start. The others are ends of the process.
const OUTCOMES: [&str; 11] = [
    RECOVERED,
    "exited",
    "no_landmark",
    "too_far_back",
    "stderr_speaks",
    "torn",
    "diverged",
    "not_located",
    "unreadable",
    "not_back",
    "ended",
];
const RECOVERED: &str = "recovered";

/// Upper bounds in seconds: an attach takes 20 ms, an API server's restart some 40 s.
const BUCKETS: [f64; 9] = [0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 45.0, 90.0];

/// Counters of broken attach connections.
#[derive(Clone, Debug)]
pub(super) struct Recoveries {
    outcomes: IntCounterVec,
    lines: IntCounter,
    seconds: Histogram,
}

impl Recoveries {
    pub(super) fn register(registry: &Registry) -> Self {
        let this = Self {
            outcomes: IntCounterVec::new(
                Opts::new(
                    "hivewright_backend_attach_recoveries_total",
                    "Attach connections that broke, by what became of them; recovered: the process was gone on with and nothing it wrote was lost",
                ),
                &["outcome"],
            )
            .expect("the family's name and label are valid"),
            lines: IntCounter::new(
                "hivewright_backend_attach_recovered_lines_total",
                "Lines of the server that were read from its log because the attach connection had broken",
            )
            .expect("the family's name is valid"),
            seconds: Histogram::with_opts(
                HistogramOpts::new(
                    "hivewright_backend_attach_break_seconds",
                    "Time from a break of the attach connection until the server was spoken with again",
                )
                .buckets(BUCKETS.to_vec()),
            )
            .expect("the family's name and buckets are valid"),
        };
        for outcome in OUTCOMES {
            this.outcomes.with_label_values(&[outcome]);
        }
        let families: [Box<dyn prometheus::core::Collector>; 3] = [
            Box::new(this.outcomes.clone()),
            Box::new(this.lines.clone()),
            Box::new(this.seconds.clone()),
        ];
        for family in families {
            if let Err(error) = registry.register(family) {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "metric not registered");
            }
        }
        this
    }

    /// The process was gone on with after so long.
    pub(super) fn mended(&self, after: Duration) {
        self.outcomes.with_label_values(&[RECOVERED]).inc();
        self.seconds.observe(after.as_secs_f64());
    }

    /// The log gave so many lines.
    pub(super) fn lines(&self, lines: usize) {
        self.lines.inc_by(u64::try_from(lines).unwrap_or(u64::MAX));
    }

    /// It was not.
    pub(super) fn failed(&self, end: &AttachEnd) {
        self.outcomes.with_label_values(&[end.reason()]).inc();
    }
}
