//! Follows one pod.

use k8s_openapi::api::core::v1::Pod;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    facts::{PodFacts, PodView},
    target::Target,
};
use crate::named;

/// Publishes the pod to `views` until `shutdown`. What was seen last stays while the API server
/// cannot be reached.
pub(super) async fn follow(
    target: Target,
    views: watch::Sender<PodView>,
    shutdown: CancellationToken,
) {
    let seen = |pod: Option<&Pod>| {
        let read = |pod| PodView::Present(PodFacts::read(pod, &target.container));
        publish(&views, pod.map_or(PodView::Absent, read));
    };
    named::follow(target.pods(), ("pod", &target.pod), shutdown, seen).await;
}

/// Wakes the readers only if there is something new: most pod events concern nothing of ours.
fn publish(views: &watch::Sender<PodView>, view: PodView) {
    views.send_if_modified(|old| {
        let new = *old != view;
        if new {
            *old = view;
        }
        new
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_that_says_nothing_new_wakes_nobody() {
        let (sender, mut receiver) = watch::channel(PodView::Unknown);
        publish(&sender, PodView::Absent);
        assert!(receiver.has_changed().unwrap());
        receiver.mark_unchanged();
        publish(&sender, PodView::Absent);
        assert!(!receiver.has_changed().unwrap());
    }
}
