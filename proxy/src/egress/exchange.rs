//! What one connection is doing: at most one request or tunnel at a time.

use std::{future::pending, sync::Arc};

use hivewright_api::proxy_config::EgressRules;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::{rules::judge, target::Target, tunnel::Tunnel};

/// What is being reached over a connection, if anything. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Current(Arc<Mutex<Option<Target>>>);

impl Current {
    /// Ends when new rules no longer allow what is being reached.
    pub(super) async fn revoked(&self, mut rules: watch::Receiver<EgressRules>) {
        while rules.changed().await.is_ok() {
            if self.is_denied(&rules.borrow_and_update()) {
                return;
            }
        }
        // Nobody changes the rules any more.
        pending::<()>().await;
    }

    fn is_denied(&self, rules: &EgressRules) -> bool {
        let target = self.0.lock();
        target
            .as_ref()
            .is_some_and(|target| judge(rules, target).is_err())
    }
}

/// Where a request leaves the tunnel that its connection is to become after the answer. Nothing in
/// a tunnel may hold its connection's slot: the two would keep each other.
#[derive(Debug, Default)]
pub(super) struct Slot(Mutex<Option<Tunnel>>);

impl Slot {
    pub(super) fn plan(&self, tunnel: Tunnel) {
        *self.0.lock() = Some(tunnel);
    }

    pub(super) fn planned(&self) -> Option<Tunnel> {
        self.0.lock().take()
    }
}

/// A request or tunnel in progress: it has a place among all of them until it is dropped.
#[derive(Debug)]
pub(super) struct Exchange {
    current: Current,
    _place: OwnedSemaphorePermit,
}

impl Exchange {
    pub(super) fn begin(current: Current, place: OwnedSemaphorePermit, target: Target) -> Self {
        *current.0.lock() = Some(target);
        Self {
            current,
            _place: place,
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        *self.current.0.lock() = None;
    }
}
