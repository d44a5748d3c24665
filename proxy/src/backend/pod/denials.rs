//! Tells on the MCP pod what the egress gateway denied it.
//!
//! ```text
//!  gateway ──Denials──┐
//!  watch ───PodView───┴──> the pod's own denials ──patch pods/status──> condition hivewright.dev/egress
//! ```
//!
//! Denials from an address that no pod is known to have, or to have had, are told on the first pod:
//! that a watch is late must not hide them. What a pod was denied that is gone is told no more.

use std::{error::Error, sync::Arc, time::Duration};

use hivewright_api::names::{EGRESS_CONDITION, EGRESS_DENIED};
use tokio::{sync::watch, time::sleep};

use super::{condition::Condition, facts::PodView, gate::clean, roster::Roster, target::Target};
use crate::{egress::Denials, fleet::Ordinal};

/// Least time between two patches of one pod: a server that is denied something often tries again
/// at once, and each patch is a write to the cluster's database.
pub const CONDITION_PAUSE: Duration = Duration::from_secs(10);

/// What is to be told, and on which pod.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Notice {
    uid: Arc<str>,
    message: String,
}

/// Tells one pod's denials.
#[derive(Debug)]
pub(super) struct Teller {
    pub(super) pod: Ordinal,
    pub(super) target: Target,
    pub(super) views: watch::Receiver<PodView>,
    pub(super) denials: watch::Receiver<Denials>,
    pub(super) roster: Roster,
}

impl Teller {
    /// Tells them until the gateway or the watch ends.
    pub(super) async fn run(mut self) {
        let mut told = None;
        loop {
            let notice = self.notice();
            if notice.is_some() && notice != told {
                if let Some(notice) = &notice
                    && self.tell(notice).await
                {
                    told = Some(notice.clone());
                }
                sleep(CONDITION_PAUSE).await;
                continue;
            }
            let changed = tokio::select! {
                changed = self.views.changed() => changed,
                changed = self.denials.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
    }

    /// What the pod is to say now.
    fn notice(&mut self) -> Option<Notice> {
        let (uid, address) = match &*self.views.borrow_and_update() {
            PodView::Present(pod) => (pod.uid.clone(), pod.ip),
            PodView::Absent | PodView::Unknown => return None,
        };
        if let Some(address) = address {
            self.roster.note(address);
        }
        let denials = self.denials.borrow_and_update();
        let own = address.and_then(|address| denials.of(address));
        let stray = || {
            let all = denials.iter().filter(|_| self.pod == Ordinal::FIRST);
            all.filter(|denied| !self.roster.knows(denied.last.source))
                .last()
        };
        let denied = own.or_else(stray)?;
        let message = clean(&denied.message());
        Some(Notice { uid, message })
    }

    /// Whether the pod carries it now, or is gone.
    async fn tell(&self, notice: &Notice) -> bool {
        let condition = Condition {
            kind: EGRESS_CONDITION,
            status: false,
            reason: EGRESS_DENIED,
            message: &notice.message,
        };
        match self.target.patch_condition(&notice.uid, &condition).await {
            Ok(()) => true,
            Err(error) if matches!(error.status(), Some(404 | 409 | 422)) => true,
            Err(error) => {
                let error = &error as &dyn Error;
                tracing::warn!(error, "egress condition not patched");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
