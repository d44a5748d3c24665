//! What only the backend can count.

use prometheus::{IntCounter, IntCounterVec, Opts, Registry};

use super::{recoveries::Recoveries, revive::Why};

/// Counters of the pod's and the process's fate.
#[derive(Clone, Debug)]
pub struct Counters {
    replacements: IntCounterVec,
    attach_failures: IntCounter,
    starts: IntCounter,
    /// Attach connections that broke while their process ran on.
    pub(super) recoveries: Recoveries,
}

impl Counters {
    /// Registers the families. Registering twice in one registry leaves the second set uncounted:
    /// one backend runs in a proxy.
    ///
    /// # Panics
    /// Never: the families' names are valid constants.
    pub fn register(registry: &Registry) -> Self {
        let counters = Self {
            replacements: IntCounterVec::new(
                Opts::new(
                    "hivewright_backend_replacements_total",
                    "MCP pods that the proxy deleted to get a fresh process, by reason",
                ),
                &["reason"],
            )
            .expect("the family's name and label are valid"),
            attach_failures: IntCounter::new(
                "hivewright_backend_attach_failures_total",
                "Attempts to attach to the MCP container that failed",
            )
            .expect("the family's name is valid"),
            starts: IntCounter::new(
                "hivewright_backend_starts_total",
                "Server processes that the proxy started speaking to",
            )
            .expect("the family's name is valid"),
            recoveries: Recoveries::register(registry),
        };
        for why in Why::ALL {
            counters.replacements.with_label_values(&[why.as_str()]);
        }
        let families: [Box<dyn prometheus::core::Collector>; 3] = [
            Box::new(counters.replacements.clone()),
            Box::new(counters.attach_failures.clone()),
            Box::new(counters.starts.clone()),
        ];
        for family in families {
            if let Err(error) = registry.register(family) {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "metric not registered"
                );
            }
        }
        counters
    }

    /// The pod was deleted.
    pub(super) fn replaced(&self, why: Why) {
        self.replacements.with_label_values(&[why.as_str()]).inc();
    }

    /// An attempt to attach failed.
    pub(super) fn attach_failed(&self) {
        self.attach_failures.inc();
    }

    /// A process is being spoken to.
    pub(super) fn started(&self) {
        self.starts.inc();
    }
}
