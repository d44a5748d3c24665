//! Why the API server refuses the pods of a StatefulSet: quotas and admission tell it nowhere but
//! in the Event `FailedCreate`, which the StatefulSet's controller writes.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;
use kube::ResourceExt as _;
use kube::runtime::watcher;

use crate::key::Key;
use crate::shelf::{Entry, Shelf};

/// The refusals known, by namespace and name of the StatefulSet.
pub type Refusals = Shelf<Refused>;

/// Most Events that are kept: the API server forgets them after an hour, and one that is not kept
/// is written again with its next occurrence.
pub(crate) const MOST: usize = 1_000;

/// Most bytes kept of a message: as long as a note of ours may be.
const MAX_MESSAGE: usize = 1_024;

/// What the StatefulSet's controller puts before the cause: "create Pod X in StatefulSet Y failed
/// error: " (`recordPodEvent` in pkg/controller/statefulset of Kubernetes).
const BEFORE_CAUSE: &str = " failed error: ";

const SELECTOR: &str = "reason=FailedCreate,involvedObject.kind=StatefulSet";

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// UID of the StatefulSet: a former one of the same name is another.
    pub set: String,
    /// The cause, in the API server's words.
    pub cause: String,
    /// When it last happened.
    pub at: Option<Timestamp>,
}

pub(crate) fn config() -> watcher::Config {
    watcher::Config::default().fields(SELECTOR)
}

pub(crate) fn entry(event: &Event) -> Entry<Refused> {
    let about = &event.involved_object;
    Entry {
        group: Key::new(
            &event.namespace().unwrap_or_default(),
            about.name.as_deref().unwrap_or_default(),
        ),
        name: event.name_any(),
        value: Refused {
            set: about.uid.clone().unwrap_or_default(),
            cause: cause(event.message.as_deref().unwrap_or_default()),
            at: last_seen(event),
        },
    }
}

/// The newest refusal of the StatefulSet with this UID.
pub(crate) fn newest(refusals: &Refusals, about: &Key, set: &str) -> Option<String> {
    let all = refusals.group(about);
    let ours = all.iter().filter(|refused| refused.set == set);
    ours.max_by_key(|refused| refused.at)
        .map(|refused| refused.cause.clone())
}

fn cause(message: &str) -> String {
    let mut cause = message
        .split_once(BEFORE_CAUSE)
        .map_or(message, |(_, cause)| cause)
        .to_owned();
    cause.truncate(cause.floor_char_boundary(MAX_MESSAGE));
    cause
}

/// An Event has a series or counts, depending on the library that wrote it.
fn last_seen(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref();
    let series = series.and_then(|series| series.last_observed_time.as_ref());
    let micro = series.or(event.event_time.as_ref()).map(|time| time.0);
    let plain = event.last_timestamp.as_ref().map(|time| time.0);
    micro.max(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(name: &str, set: &str, minute: u8, message: &str) -> Event {
        serde_json::from_value(json!({
            "metadata": { "name": name, "namespace": "ns" },
            "involvedObject": { "kind": "StatefulSet", "name": "fetch", "uid": set },
            "lastTimestamp": format!("2026-01-01T00:{minute:02}:00Z"),
            "message": message,
        }))
        .unwrap()
    }

    fn told(events: &[Event], set: &str) -> Option<String> {
        let refusals = Refusals::new();
        for event in events {
            refusals.take(watcher::Event::Apply(entry(event)));
        }
        newest(&refusals, &Key::new("ns", "fetch"), set)
    }

    #[test]
    fn the_newest_refusal_counts_and_only_its_cause() {
        let old = event(
            "a",
            "1",
            5,
            "create Pod fetch-0 in StatefulSet fetch failed error: old",
        );
        let new = event(
            "b",
            "1",
            9,
            "create Pod fetch-0 in StatefulSet fetch failed error: pods \"fetch-0\" is forbidden: exceeded quota: q",
        );
        assert_eq!(
            told(&[new, old], "1").unwrap(),
            "pods \"fetch-0\" is forbidden: exceeded quota: q"
        );
    }

    #[test]
    fn the_refusal_of_a_former_set_of_that_name_does_not_count() {
        assert_eq!(told(&[event("a", "1", 5, "old")], "2"), None);
    }

    #[test]
    fn a_long_message_is_cut_at_a_character() {
        let cut = cause(&"ü".repeat(MAX_MESSAGE));
        assert!(cut.len() <= MAX_MESSAGE && cut.ends_with('ü'));
    }
}
