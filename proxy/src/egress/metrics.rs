//! What the gateway counts.

use prometheus::{
    IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    core::{Collector, GenericGauge},
};

/// How a request to the gateway ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was let through to its host.
    Allowed,
    /// No rule names its host.
    HostDenied,
    /// No rule names its port.
    PortDenied,
    /// Its host has an address that no rule opens.
    AddressDenied,
    /// It was let through as a tunnel, in which the TLS handshake then asked for another host. Such
    /// a request was counted as allowed before.
    ServerNameDenied,
    /// Its host has no address.
    Unresolved,
    /// Its host did not accept the connection, or broke it off before it answered.
    Unreachable,
    /// Its host, or the DNS, took too long.
    TimedOut,
    /// It was no request for a forward proxy.
    BadRequest,
    /// Too many others were running.
    TooMany,
}

impl Outcome {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::Allowed,
        Self::HostDenied,
        Self::PortDenied,
        Self::AddressDenied,
        Self::ServerNameDenied,
        Self::Unresolved,
        Self::Unreachable,
        Self::TimedOut,
        Self::BadRequest,
        Self::TooMany,
    ];

    /// The label's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::HostDenied => "host_denied",
            Self::PortDenied => "port_denied",
            Self::AddressDenied => "address_denied",
            Self::ServerNameDenied => "server_name_denied",
            Self::Unresolved => "unresolved",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::BadRequest => "bad_request",
            Self::TooMany => "too_many",
        }
    }
}

/// Handles of the gateway's families, resolved once.
#[derive(Debug)]
pub(super) struct EgressMetrics {
    requests: [IntCounter; Outcome::ALL.len()],
    tunnels: IntGauge,
    sent: IntCounter,
    received: IntCounter,
}

const VALID: &str = "names and labels of metrics are valid constants, each used once";

impl EgressMetrics {
    /// Registers the families. One gateway runs in a proxy.
    pub(super) fn register(registry: &Registry) -> Self {
        let requests = counters(
            registry,
            Opts::new(
                "hivewright_egress_requests_total",
                "Requests of the server to the egress gateway, by how they ended.",
            ),
            "outcome",
        );
        let bytes = counters(
            registry,
            Opts::new(
                "hivewright_egress_bytes_total",
                "Bytes between the server and the egress gateway; sent: by the server.",
            ),
            "direction",
        );
        let tunnels = GenericGauge::new(
            "hivewright_egress_tunnels",
            "Open CONNECT tunnels through the egress gateway.",
        );
        Self {
            requests: Outcome::ALL.map(|outcome| requests.with_label_values(&[outcome.as_str()])),
            tunnels: registered(registry, tunnels.expect(VALID)),
            sent: bytes.with_label_values(&["sent"]),
            received: bytes.with_label_values(&["received"]),
        }
    }

    pub(super) fn count(&self, outcome: Outcome) {
        self.requests[outcome as usize].inc();
    }

    pub(super) fn sent(&self, bytes: usize) {
        self.sent.inc_by(bytes as u64);
    }

    pub(super) fn received(&self, bytes: usize) {
        self.received.inc_by(bytes as u64);
    }

    pub(super) fn tunnel_opened(&self) {
        self.tunnels.inc();
    }

    pub(super) fn tunnel_closed(&self) {
        self.tunnels.dec();
    }
}

fn counters(registry: &Registry, opts: Opts, label: &str) -> IntCounterVec {
    registered(registry, IntCounterVec::new(opts, &[label]).expect(VALID))
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, family: C) -> C {
    registry.register(Box::new(family.clone())).expect(VALID);
    family
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_counts_in_its_own_place() {
        let registry = Registry::new();
        let metrics = EgressMetrics::register(&registry);
        for (times, outcome) in Outcome::ALL.into_iter().enumerate() {
            (0..times).for_each(|_| metrics.count(outcome));
        }
        for (times, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(metrics.requests[outcome as usize].get(), times as u64);
        }
    }
}
