//! What one connection is doing: at most one request or tunnel at a time.

use std::sync::Arc;

use hivewright_api::proxy_config::EgressRules;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::{rules::judge, target::Target, tunnel::Tunnel};

/// What a connection's task knows of the request in it.
#[derive(Debug, Default)]
pub(super) struct Slot {
    target: Mutex<Option<Target>>,
    tunnel: Mutex<Option<Tunnel>>,
}

impl Slot {
    /// The tunnel that the connection is to become after its answer.
    pub(super) fn plan(&self, tunnel: Tunnel) {
        *self.tunnel.lock() = Some(tunnel);
    }

    pub(super) fn planned(&self) -> Option<Tunnel> {
        self.tunnel.lock().take()
    }

    /// Ends when new rules no longer allow what the connection is doing.
    pub(super) async fn revoked(&self, mut rules: watch::Receiver<EgressRules>) {
        while rules.changed().await.is_ok() {
            let rules = rules.borrow_and_update();
            let target = self.target.lock();
            if target
                .as_ref()
                .is_some_and(|target| judge(&rules, target).is_err())
            {
                return;
            }
        }
        // Nobody changes the rules any more.
        std::future::pending().await
    }
}

/// A request or tunnel in progress: it has a place among all of them until it is dropped.
#[derive(Debug)]
pub(super) struct Exchange {
    slot: Arc<Slot>,
    _place: OwnedSemaphorePermit,
}

impl Exchange {
    pub(super) fn begin(slot: Arc<Slot>, place: OwnedSemaphorePermit, target: Target) -> Self {
        *slot.target.lock() = Some(target);
        Self {
            slot,
            _place: place,
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        *self.slot.target.lock() = None;
    }
}
