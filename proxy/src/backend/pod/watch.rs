//! Follows the one pod. The Role allows list and watch by name only, so the watch selects it.

use std::{error::Error, time::Duration};

use futures::StreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::watcher::{self, Event, watcher};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    super::backoff::{Backoff, random},
    facts::{PodFacts, PodView},
    target::Target,
};

/// Seconds after which a watch call is made anew. A watch whose connection is dead but not closed
/// is noticed 5 s after that; the pod changes rarely, so a call a minute costs nothing.
const WATCH_SECONDS: u32 = 60;
/// First and longest wait between failed calls: quick after a blip, kind to an API server that
/// is starting.
const RETRY_BASE: Duration = Duration::from_millis(200);
const RETRY_CAP: Duration = Duration::from_secs(5);

/// Publishes the pod to `views` until `shutdown`. What was seen last stays while the API server
/// cannot be reached.
pub(super) async fn follow(
    target: Target,
    views: watch::Sender<PodView>,
    shutdown: CancellationToken,
) {
    let selector = format!("metadata.name={}", target.pod);
    let config = watcher::Config::default()
        .fields(&selector)
        .timeout(WATCH_SECONDS);
    let mut events = watcher(target.pods(), config).boxed();
    let mut listing = Listing::default();
    let mut backoff = Backoff::new(RETRY_BASE, RETRY_CAP);
    loop {
        let event = tokio::select! {
            () = shutdown.cancelled() => return,
            event = events.next() => event.expect("a watcher never ends, it starts anew"),
        };
        match event {
            Ok(event) => {
                backoff.reset();
                if let Some(view) = listing.fold(event, &target.container) {
                    publish(&views, view);
                }
            }
            Err(error) => {
                let wait = backoff.wait(random());
                tracing::warn!(error = &error as &dyn Error, ?wait, "pod watch failed");
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = sleep(wait) => {}
                }
            }
        }
    }
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

/// Folds watch events into views: a pod that is missing from a fresh list is absent.
#[derive(Debug, Default)]
struct Listing {
    seen: bool,
}

impl Listing {
    fn fold(&mut self, event: Event<Pod>, container: &str) -> Option<PodView> {
        match event {
            Event::Apply(pod) => Some(PodView::Present(PodFacts::read(&pod, container))),
            Event::Delete(_) => Some(PodView::Absent),
            Event::Init => {
                self.seen = false;
                None
            }
            Event::InitApply(pod) => {
                self.seen = true;
                Some(PodView::Present(PodFacts::read(&pod, container)))
            }
            Event::InitDone => (!self.seen).then_some(PodView::Absent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(events: Vec<Event<Pod>>) -> Vec<bool> {
        let mut listing = Listing::default();
        let views = events
            .into_iter()
            .filter_map(|event| listing.fold(event, "mcp"));
        views
            .map(|view| matches!(view, PodView::Present(_)))
            .collect()
    }

    #[test]
    fn a_list_without_the_pod_says_absent() {
        assert_eq!(views(vec![Event::Init, Event::InitDone]), [false]);
    }

    #[test]
    fn a_pod_that_vanished_between_two_watches_is_absent() {
        let pod = Pod::default;
        let events = vec![
            Event::Init,
            Event::InitApply(pod()),
            Event::InitDone,
            Event::Apply(pod()),
            Event::Init,
            Event::InitDone,
        ];
        assert_eq!(views(events), [true, true, false]);
    }

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
