//! How families are made and registered.

use jiff::Timestamp;
use prometheus::{
    Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

/// Bounds of the reconcile histogram, in seconds: a pass without writes takes well under a
/// millisecond, one with writes some API calls, one that waits for the caches up to seconds.
pub(super) const RECONCILE_BUCKETS: &[f64] =
    &[0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// Name of that histogram.
pub(super) const RECONCILE_DURATION: &str = "hivewright_controller_reconcile_duration_seconds";

pub(super) fn add(registry: &Registry, family: impl prometheus::core::Collector + 'static) {
    registry
        .register(Box::new(family))
        .expect("each family is registered once per registry");
}

pub(super) fn opts(name: &str, help: &str) -> Opts {
    Opts::new(format!("hivewright_controller_{name}"), help)
}

pub(super) fn counter(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
) -> IntCounterVec {
    let family =
        IntCounterVec::new(opts(name, help), labels).expect("names are constants and valid");
    add(registry, family.clone());
    family
}

pub(super) fn plain(registry: &Registry, name: &str, help: &str) -> IntCounter {
    let counter = IntCounter::with_opts(opts(name, help)).expect("names are constants and valid");
    add(registry, counter.clone());
    counter
}

pub(super) fn duration(registry: &Registry) -> Histogram {
    let help = "Time of one pass over one MCPServer, with its writes, in seconds";
    let opts = HistogramOpts::new(RECONCILE_DURATION, help);
    let histogram = Histogram::with_opts(opts.buckets(RECONCILE_BUCKETS.to_vec()))
        .expect("names are constants and buckets rise");
    add(registry, histogram.clone());
    histogram
}

pub(super) fn leader(registry: &Registry) -> IntGauge {
    let opts = opts(
        "leader",
        "1 while this process reconciles, 0 while it stands by",
    );
    let gauge = IntGauge::with_opts(opts).expect("names are constants and valid");
    add(registry, gauge.clone());
    gauge
}

pub(super) fn build_info(registry: &Registry) {
    let opts = opts("build_info", "Always 1; the labels say which build runs");
    let family = IntGaugeVec::new(opts, &["version"]).expect("names are constants and valid");
    family
        .with_label_values(&[env!("CARGO_PKG_VERSION")])
        .set(1);
    add(registry, family);
}

/// When this process began: a series that changes is a process that was restarted.
pub(super) fn started(registry: &Registry) {
    let opts = opts(
        "start_time_seconds",
        "When this process started, in seconds since 1970",
    );
    let gauge = IntGauge::with_opts(opts).expect("names are constants and valid");
    gauge.set(Timestamp::now().as_second());
    add(registry, gauge);
}
