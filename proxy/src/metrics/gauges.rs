//! What is measured at the scrape rather than counted by events.

use hivewright_bridge::hub::Counts;
use prometheus::IntGauge;

use super::families::GaugeFamilies;
use crate::fleet::FleetGauges;

/// How full everything is at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    /// The hub's tables.
    pub hub: Counts,
    /// Open streams that are the answers of POSTs.
    pub answers: usize,
    /// Open GET streams of `/mcp`.
    pub listeners: usize,
    /// Open streams of `/sse`.
    pub sse: usize,
    /// Streams that are kept for clients that are away.
    pub detached: usize,
    /// Bytes that wait on, or are kept for, all streams.
    pub stream_bytes: usize,
    /// Lines in the queue to the server.
    pub stdin_lines: usize,
    /// Their bytes.
    pub stdin_bytes: usize,
}

/// Shows the sums, and each pod.
pub(super) fn show(fleet: &FleetGauges, on: &GaugeFamilies) {
    fleet.sum.show(on);
    let up = fleet.pods.iter().filter(|load| load.up);
    set(&on.server_up, up.count());
    set(&on.pods, fleet.pods.len());
    // A pod that is served no longer has no figures.
    on.pod_up.reset();
    on.pod_sessions.reset();
    for load in &fleet.pods {
        let label = [load.pod.label()];
        set(&on.pod_up.with_label_values(&label), load.up.into());
        set(&on.pod_sessions.with_label_values(&label), load.sessions);
    }
}

impl Gauges {
    fn show(&self, on: &GaugeFamilies) {
        set(&on.sessions, self.hub.sessions);
        set(&on.pending, self.hub.pending);
        set(&on.held, self.hub.held);
        set(&on.held_bytes, self.hub.held_bytes);
        set(&on.asks, self.hub.asks);
        set(&on.subscriptions, self.hub.subscriptions);
        set(&on.visits, self.hub.visits);
        set(&on.parked, self.hub.parked);
        set(&on.listens, self.hub.listens);
        set(&on.streams.with_label_values(&["answer"]), self.answers);
        set(&on.streams.with_label_values(&["listener"]), self.listeners);
        set(&on.streams.with_label_values(&["sse"]), self.sse);
        let detached = on.streams.with_label_values(&["detached"]);
        set(&detached, self.detached);
        set(&on.stream_bytes, self.stream_bytes);
        set(&on.stdin_lines, self.stdin_lines);
        set(&on.stdin_bytes, self.stdin_bytes);
    }
}

fn set(gauge: &IntGauge, value: usize) {
    gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
}
