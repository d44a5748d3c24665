//! The task of the metrics: what a scrape would show, at an interval.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceResponse, resource::v1::Resource,
};
use prometheus::proto::MetricFamily;
use prost::Message as _;
use tokio::time::MissedTickBehavior;

use super::{deliver::Deliverer, signal::count};
use crate::{
    exposition::Exemplars,
    wire::metrics::{Span, request},
};

/// Where the numbers are read: what a scrape would show now.
#[derive(Clone)]
pub struct Source(Arc<dyn Fn() -> Vec<MetricFamily> + Send + Sync>);

impl Source {
    /// Reads them by calling this, which must not block.
    pub fn new(gather: impl Fn() -> Vec<MetricFamily> + Send + Sync + 'static) -> Self {
        Self(Arc::new(gather))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").finish_non_exhaustive()
    }
}

/// Exports the numbers at an interval until the end, and once more then.
pub(crate) async fn report(
    (source, exemplars): (Source, Exemplars),
    every: Duration,
    resource: Arc<Resource>,
    mut to: Deliverer,
) {
    let began = SystemTime::now();
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is at once, and there is nothing to tell yet.
    ticks.tick().await;
    loop {
        let mut stop = to.stop.clone();
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.on() => {}
        }
        let ending = to.stop.is_on();
        let now = SystemTime::now();
        let families = (source.0)();
        let (request, points) = request(&resource, &families, &exemplars, Span { began, now });
        let request = request.encode_to_vec().into();
        to.deliver(request, points, rejected).await;
        if ending {
            return;
        }
    }
}

fn rejected(answer: Bytes) -> u64 {
    let answer = ExportMetricsServiceResponse::decode(answer).ok();
    let partly = answer.and_then(|answer| answer.partial_success);
    partly.map_or(0, |partly| count(partly.rejected_data_points))
}
