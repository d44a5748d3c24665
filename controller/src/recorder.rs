//! Writes Kubernetes Events: a fact that repeats itself becomes a series of the Event that told it
//! first (KEP-383), for as long as API server and viewers take them for one.
//!
//! kube's own recorder keeps every Event whole, some kilobytes each and ten of them for a server
//! that was changed once; of what was told, name and count are enough to go on.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::Event as KubeEvent;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Patch, PatchParams, PostParams};
use kube::core::Request;
use kube::runtime::events::{Event, EventType};
use kube::{Client, Error, Resource as _};
use parking_lot::Mutex;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

/// How long after it was told last a fact counts as repeated (KEP-383 ends a series after six
/// minutes). Also the bound of what is kept: facts told within this.
const SERIES: SignedDuration = SignedDuration::from_mins(6);

/// How often what is too old is looked for: a look at all of it for each Event would be the larger
/// part of the work when hundreds of servers begin at once.
const SWEEP: SignedDuration = SignedDuration::from_mins(1);

/// Where Linux tells the name of the host.
const HOSTNAME: &str = "/proc/sys/kernel/hostname";

/// What tells two Events apart; the note does not (KEP-383).
type Fact = String;

/// What is kept of an Event.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    name: String,
    count: u32,
    last: Timestamp,
}

/// What was told of late.
#[derive(Debug, Default)]
struct Memory {
    facts: HashMap<Fact, Told>,
    swept: Timestamp,
}

/// Writes Events in the name of one reporter. Clones share what was told.
#[derive(Clone)]
pub(crate) struct Recorder {
    client: Client,
    reporter: &'static str,
    instance: String,
    memory: Arc<Mutex<Memory>>,
}

impl Recorder {
    /// Reports as `reporter`, of which this process is the instance that has the host's name: that
    /// of its pod.
    pub(crate) fn new(client: Client, reporter: &'static str) -> Self {
        let host = std::fs::read_to_string(HOSTNAME).unwrap_or_default();
        let host = Some(host.trim()).filter(|host| !host.is_empty());
        Self {
            client,
            reporter,
            instance: host.unwrap_or(reporter).to_owned(),
            memory: Arc::default(),
        }
    }

    /// Tells `event` of `about`.
    ///
    /// # Errors
    /// When the API server cannot be asked or refuses; the fact counts as not told then.
    pub(crate) async fn publish(
        &self,
        event: &Event,
        about: &ObjectReference,
    ) -> Result<(), Error> {
        let (fact, now) = (fact(event, about), Timestamp::now());
        let told = self.memory.lock().next(&fact, about, now);
        let events = KubeEvent::url_path(&(), about.namespace.as_deref());
        let request = Request::new(&events);
        let request = if told.count == 1 {
            let body = self.first(event, about, &told);
            request.create(&PostParams::default(), body.to_string().into_bytes())
        } else {
            let last = MicroTime(now);
            let series = json!({ "series": { "count": told.count, "lastObservedTime": last } });
            request.patch(&told.name, &PatchParams::default(), &Patch::Merge(series))
        };
        // The answer says nothing new.
        let request = request.map_err(Error::BuildRequest)?;
        let _: IgnoredAny = self.client.request(request).await?;
        self.memory.lock().facts.insert(fact, told);
        Ok(())
    }

    fn first(&self, event: &Event, about: &ObjectReference, told: &Told) -> Value {
        json!({
            "apiVersion": KubeEvent::api_version(&()),
            "kind": KubeEvent::kind(&()),
            "metadata": { "name": told.name, "namespace": about.namespace },
            "eventTime": MicroTime(told.last),
            "type": kind(event),
            "reason": event.reason,
            "action": event.action,
            "note": event.note,
            "regarding": about,
            "related": event.secondary,
            "reportingController": self.reporter,
            "reportingInstance": self.instance,
        })
    }
}

const fn kind(event: &Event) -> &'static str {
    match event.type_ {
        EventType::Normal => "Normal",
        EventType::Warning => "Warning",
    }
}

fn fact(event: &Event, about: &ObjectReference) -> Fact {
    let name = |object: &ObjectReference| {
        let parts = [&object.kind, &object.namespace, &object.name, &object.uid];
        parts.map(|part| part.clone().unwrap_or_default()).join("/")
    };
    let related = event.secondary.as_ref().map(name).unwrap_or_default();
    let (kind, about) = (kind(event), name(about));
    [kind, &event.reason, &event.action, &about, &related].join(" ")
}

impl Memory {
    /// The first time of a fact, or one more time.
    fn next(&mut self, fact: &Fact, about: &ObjectReference, now: Timestamp) -> Told {
        let counts = |told: &Told| now.duration_since(told.last) < SERIES;
        if now.duration_since(self.swept) >= SWEEP {
            self.facts.retain(|_, told| counts(told));
            self.swept = now;
        }
        let known = self.facts.get(fact).filter(|told| counts(told));
        match known {
            Some(told) => Told {
                name: told.name.clone(),
                count: told.count.saturating_add(1),
                last: now,
            },
            None => Told {
                name: format!(
                    "{}.{:x}",
                    about.name.as_deref().unwrap_or_default(),
                    now.as_nanosecond()
                ),
                count: 1,
                last: now,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(reason: &str, note: &str) -> Event {
        Event {
            type_: EventType::Normal,
            reason: reason.to_owned(),
            note: Some(note.to_owned()),
            action: "Observe".to_owned(),
            secondary: None,
        }
    }

    fn about(name: &str) -> ObjectReference {
        ObjectReference {
            name: Some(name.to_owned()),
            ..ObjectReference::default()
        }
    }

    #[test]
    fn what_differs_in_the_note_alone_is_a_repetition() {
        let fact = |reason, note, name| fact(&event(reason, note), &about(name));
        assert_eq!(fact("Ready", "a", "x"), fact("Ready", "b", "x"));
        assert_ne!(fact("Ready", "a", "x"), fact("NotReady", "a", "x"));
        assert_ne!(fact("Ready", "a", "x"), fact("Ready", "a", "y"));
    }

    #[test]
    fn a_repetition_is_counted_until_it_is_too_long_ago() {
        let mut memory = Memory::default();
        let mut tell = |fact: &str, at: Timestamp| {
            let told = memory.next(&fact.to_owned(), &about("x"), at);
            memory.facts.insert(fact.to_owned(), told.clone());
            (told, memory.facts.len())
        };
        let begin = Timestamp::UNIX_EPOCH;
        let (first, _) = tell("fact", begin);
        let (second, held) = tell("fact", begin + SERIES / 2);
        assert_eq!((first.count, second.count, held), (1, 2, 1));
        assert_eq!(first.name, second.name);
        let (later, _) = tell("fact", begin + SERIES * 2);
        assert_eq!(later.count, 1);
        assert_ne!(later.name, first.name);
        let (_, held) = tell("another", begin + SERIES * 4);
        assert_eq!(held, 1, "what is too old is not kept");
    }
}
