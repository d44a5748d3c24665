//! Where each session has a pod to itself: which pods may serve one.
//!
//! A server that listens outlives its connections, and a proxy too. So a pod that was claimed before
//! this proxy saw it, or whose session has ended, is replaced before anybody is served there.

use std::{error::Error, sync::Arc};

use super::{
    super::{facts::PodFacts, facts::PodView, target::Grace},
    Worker,
};
use crate::backend::revive::Why;

/// What is known of the pods.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// The pod that nobody had claimed when it was first seen.
    ours: Option<Arc<str>>,
    /// The pod whose session has ended.
    spent: Option<Arc<str>>,
    /// The pod whose deletion was asked for.
    replaced: Option<Arc<str>>,
}

/// What to do about a pod.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Serve,
    Replace(Why),
    /// Its deletion is under way.
    Wait,
}

impl Uses {
    /// The session of this pod has ended.
    pub(super) fn spend(&mut self, uid: &Arc<str>) {
        self.spent = Some(uid.clone());
    }

    fn of(&mut self, pod: &PodFacts) -> Verdict {
        let is = |known: &Option<Arc<str>>| known.as_ref() == Some(&pod.uid);
        if pod.leaving || is(&self.replaced) {
            Verdict::Wait
        } else if is(&self.spent) {
            Verdict::Replace(Why::SessionEnded)
        } else if is(&self.ours) {
            Verdict::Serve
        } else if pod.claimed {
            Verdict::Replace(Why::ClaimedBefore)
        } else {
            self.ours = Some(pod.uid.clone());
            Verdict::Serve
        }
    }
}

impl Worker {
    /// Replaces a pod that may serve nobody. Whether one may be served now.
    pub(super) async fn may_serve(&mut self, view: &PodView) -> bool {
        let PodView::Present(pod) = view else {
            return true;
        };
        if !self.station.exclusive {
            return true;
        }
        match self.uses.of(pod) {
            Verdict::Serve => true,
            Verdict::Wait => false,
            Verdict::Replace(why) => {
                self.replace(&pod.uid, why).await;
                false
            }
        }
    }

    async fn replace(&mut self, uid: &Arc<str>, why: Why) {
        tracing::info!(%uid, reason = why.as_str(), "replacing the pod");
        match self.station.target.delete(uid, Grace::of(why)).await {
            Ok(()) => {
                self.station.counters.replaced(why);
                self.uses.replaced = Some(uid.clone());
                self.retry.reset();
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "pod not replaced");
                self.station.pause(&mut self.retry).await;
                // The pod need not change for the next attempt.
                self.station.views.mark_changed();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::pod::fake;

    fn facts(uid: &str, claimed: bool) -> PodFacts {
        match fake::running(uid, "c") {
            PodView::Present(pod) => PodFacts { claimed, ..pod },
            PodView::Absent | PodView::Unknown => unreachable!("it is there"),
        }
    }

    #[test]
    fn a_pod_that_an_earlier_proxy_claimed_is_replaced_and_one_of_ours_is_not() {
        let mut uses = Uses::default();
        let old = facts("a", true);
        assert_eq!(uses.of(&old), Verdict::Replace(Why::ClaimedBefore));
        uses.replaced = Some("a".into());
        assert_eq!(uses.of(&old), Verdict::Wait);
        assert_eq!(uses.of(&facts("b", false)), Verdict::Serve);
        assert_eq!(uses.of(&facts("b", true)), Verdict::Serve, "by ourselves");
    }

    #[test]
    fn a_pod_whose_session_has_ended_is_replaced_even_if_its_container_is_another() {
        let mut uses = Uses::default();
        assert_eq!(uses.of(&facts("a", false)), Verdict::Serve);
        uses.spend(&"a".into());
        assert_eq!(
            uses.of(&facts("a", true)),
            Verdict::Replace(Why::SessionEnded)
        );
        assert_eq!(uses.of(&facts("b", false)), Verdict::Serve);
    }
}
