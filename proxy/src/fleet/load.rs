//! How full the fleet is.

use hivewright_bridge::hub::Counts;

use super::{Fleet, Ordinal};
use crate::{driver::ServerHealth, metrics::Gauges};

/// How full one pod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PodLoad {
    /// The pod.
    pub pod: Ordinal,
    /// Whether its server is initialised.
    pub up: bool,
    /// Sessions that belong to it.
    pub sessions: usize,
}

/// How full everything is at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FleetGauges {
    /// The sum over all pods.
    pub sum: Gauges,
    /// Each pod that is served.
    pub pods: Vec<PodLoad>,
}

impl Fleet {
    /// What is measured now rather than counted by events.
    pub fn gauges(&self) -> FleetGauges {
        let mut all = FleetGauges::default();
        for (pod, bridge) in self.bridges() {
            let gauges = bridge.gauges();
            let up = matches!(&*bridge.status().borrow(), ServerHealth::Initialized(_));
            let sessions = gauges.hub.sessions;
            all.sum = sum(all.sum, gauges);
            all.pods.push(PodLoad { pod, up, sessions });
        }
        all
    }
}

fn sum(a: Gauges, b: Gauges) -> Gauges {
    Gauges {
        hub: counts(a.hub, b.hub),
        answers: a.answers + b.answers,
        listeners: a.listeners + b.listeners,
        sse: a.sse + b.sse,
        detached: a.detached + b.detached,
        stream_bytes: a.stream_bytes + b.stream_bytes,
        stdin_lines: a.stdin_lines + b.stdin_lines,
        stdin_bytes: a.stdin_bytes + b.stdin_bytes,
    }
}

/// The sum of two hubs' tables.
pub(super) const fn counts(a: Counts, b: Counts) -> Counts {
    Counts {
        sessions: a.sessions + b.sessions,
        streams: a.streams + b.streams,
        pending: a.pending + b.pending,
        held: a.held + b.held,
        held_bytes: a.held_bytes + b.held_bytes,
        asks: a.asks + b.asks,
        subscriptions: a.subscriptions + b.subscriptions,
        visits: a.visits + b.visits,
        parked: a.parked + b.parked,
        listens: a.listens + b.listens,
    }
}
