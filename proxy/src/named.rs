//! Follows one object by its name. The Role allows list and watch by name only, so the watch
//! selects it.

use std::{error::Error, fmt::Debug, time::Duration};

use futures::StreamExt;
use kube::{
    Api,
    runtime::watcher::{self, Event, watcher},
};
use serde::de::DeserializeOwned;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::backend::backoff::{Backoff, random};

/// Seconds after which a watch call is made anew. A watch whose connection is dead but not closed
/// is noticed 5 s after that; what is followed here changes rarely, so a call a minute costs nothing.
const WATCH_SECONDS: u32 = 60;
/// First and longest wait between failed calls: quick after a blip, kind to an API server that
/// is starting.
const RETRY_BASE: Duration = Duration::from_millis(200);
const RETRY_CAP: Duration = Duration::from_secs(5);

/// Tells `seen` each state of the object, none while there is no such object, until `shutdown`.
/// Nothing is told while the API server cannot be reached. `what` is the object's kind, for the log.
pub(crate) async fn follow<K>(
    api: Api<K>,
    (what, name): (&'static str, &str),
    shutdown: CancellationToken,
    mut seen: impl FnMut(Option<&K>),
) where
    K: kube::Resource + Clone + DeserializeOwned + Debug + Send + 'static,
{
    let config = watcher::Config::default()
        .fields(&format!("metadata.name={name}"))
        .timeout(WATCH_SECONDS);
    let mut events = watcher(api, config).boxed();
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
                match listing.fold(event) {
                    State::There(object) => seen(Some(&object)),
                    State::Absent => seen(None),
                    State::Unknown => {}
                }
            }
            Err(error) => {
                let wait = backoff.wait(random());
                tracing::warn!(error = &error as &dyn Error, what, ?wait, "watch failed");
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    () = sleep(wait) => {}
                }
            }
        }
    }
}

/// What an event says.
#[derive(Debug)]
enum State<K> {
    There(K),
    Absent,
    /// Nothing yet: the rest of the list is still to come.
    Unknown,
}

/// Folds watch events into states: an object that is missing from a fresh list is absent.
#[derive(Debug, Default)]
struct Listing {
    seen: bool,
}

impl Listing {
    fn fold<K>(&mut self, event: Event<K>) -> State<K> {
        match event {
            Event::Apply(object) => State::There(object),
            Event::Delete(_) => State::Absent,
            Event::Init => {
                self.seen = false;
                State::Unknown
            }
            Event::InitApply(object) => {
                self.seen = true;
                State::There(object)
            }
            Event::InitDone => {
                if self.seen {
                    State::Unknown
                } else {
                    State::Absent
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the object was there, in each state that was told.
    fn states(events: Vec<Event<u8>>) -> Vec<bool> {
        let mut listing = Listing::default();
        let mut told = Vec::new();
        for event in events {
            match listing.fold(event) {
                State::There(_) => told.push(true),
                State::Absent => told.push(false),
                State::Unknown => {}
            }
        }
        told
    }

    #[test]
    fn a_list_without_the_object_says_absent() {
        assert_eq!(states(vec![Event::Init, Event::InitDone]), [false]);
    }

    #[test]
    fn an_object_that_vanished_between_two_watches_is_absent() {
        let events = vec![
            Event::Init,
            Event::InitApply(1),
            Event::InitDone,
            Event::Apply(2),
            Event::Init,
            Event::InitDone,
        ];
        assert_eq!(states(events), [true, true, false]);
    }
}
