//! Makes and registers metric families, and the buckets of histograms.

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, core::Collector,
};

/// Seconds. From half a millisecond, which a call through the proxy alone takes, to the five
/// minutes of a research tool.
pub(super) const CALL_BUCKETS: &[f64] = &[
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0, 120.0, 300.0,
];
/// Seconds. From a probe to a day.
pub(super) const SESSION_BUCKETS: &[f64] = &[
    0.1, 1.0, 10.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 43_200.0, 86_400.0,
];

/// Makes families in one registry. Names and labels are constants, so that none can be refused.
pub(super) struct Maker<'a>(pub(super) &'a Registry);

const VALID: &str = "names and labels of metrics are valid constants, each used once";

impl Maker<'_> {
    fn register<C: Collector + Clone + 'static>(&self, made: prometheus::Result<C>) -> C {
        let family = made.expect(VALID);
        self.0.register(Box::new(family.clone())).expect(VALID);
        family
    }

    pub(super) fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.register(IntCounter::new(name, help))
    }

    pub(super) fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.register(IntCounterVec::new(Opts::new(name, help), labels))
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.register(IntGauge::new(name, help))
    }

    pub(super) fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.register(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    pub(super) fn histogram(&self, opts: HistogramOpts) -> Histogram {
        self.register(Histogram::with_opts(opts))
    }

    pub(super) fn histograms(&self, opts: HistogramOpts, labels: &[&str]) -> HistogramVec {
        self.register(HistogramVec::new(opts, labels))
    }
}

/// A histogram's name, help and buckets.
pub(super) fn timed(name: &str, help: &str, buckets: &[f64]) -> HistogramOpts {
    HistogramOpts::new(name, help).buckets(buckets.to_vec())
}
