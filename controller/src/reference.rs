//! `hivewright-controller reference`: what `docs/reference.md` is made of, as JSON, from the types
//! themselves: definition, fields that do not work yet, conditions, reasons, Kubernetes Events.
//!
//! ```text
//!  CRD ───────────────────┐
//!  ConditionType, states ─┼──> JSON ──> harness ──> docs/reference.md
//!  Reason, Event ─────────┘
//! ```

use std::collections::BTreeSet;
use std::io::Write;

use hivewright_api::status::MCPServerStatus;
use hivewright_core::detail::Detail;
use hivewright_core::kube_event::{self, KubeEvent};
use hivewright_core::status::{self, ConditionType};
use hivewright_core::{
    Backend, Blocker, Component, Endpoint, Event, Journal, Part, Phase, Presence, Reason, Refusal,
    RefusalReason, Replicas, Severity, Standing,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Stands in the sentences where somebody else's words come.
const WORDS: &str = "…";
/// Exit code in the sentences; any would do.
const CODE: i32 = 1;

/// Why the facts could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// They do not fit into JSON, or the output does not take them.
    #[error("the reference cannot be printed; is the output full or closed?")]
    Print(#[source] serde_json::Error),
}

/// Writes all facts to `out`.
///
/// # Errors
/// [`Error::Print`].
pub fn print(out: &mut impl Write) -> Result<(), Error> {
    serde_json::to_writer_pretty(out, &facts()).map_err(Error::Print)
}

fn facts() -> Value {
    let states = json!({
        ConditionType::Accepted.as_str(): each(ConditionType::Accepted, acceptance()),
        ConditionType::PolicyEnforced.as_str(): each(ConditionType::PolicyEnforced, all(Event::Policy)),
        ConditionType::BackendReady.as_str(): backend(),
        ConditionType::ProxyReady.as_str(): each(ConditionType::ProxyReady, all(Event::Proxy)),
        ConditionType::JournalAvailable.as_str(): each(ConditionType::JournalAvailable, journal()),
    });
    let parts = Part::ALL.map(|part| {
        let object = format!("{} {}", part.api_version(), part.kind());
        json!({ "part": part.as_str(), "object": object, "name": part.name("NAME") })
    });
    let reasons = Reason::ALL
        .iter()
        .map(|reason| json!({ "reason": reason.as_str(), "meaning": reason.meaning() }));
    json!({
        "crd": hivewright_api::crd(),
        "unsupported": hivewright_core::unsupported_fields(),
        "conditions": ConditionType::ALL.map(ConditionType::as_str),
        "phases": Phase::ALL.map(Phase::as_str),
        "states": states,
        "reasons": reasons.collect::<Vec<_>>(),
        "events": events(),
        "parts": parts,
    })
}

/// Everything that the condition Accepted can say; the sentence names the field.
fn acceptance() -> Vec<Event> {
    let refused = RefusalReason::ALL.map(|reason| {
        Event::Refused(Refusal::new(
            reason,
            "FIELD",
            Reason::from(reason).meaning(),
        ))
    });
    let mut events = vec![Event::Unjudged, Event::Accepted];
    events.extend(refused);
    events
}

/// Every state of a component, as an event.
fn all<C: Component>(event: impl Fn(C) -> Event) -> Vec<Event> {
    let own = C::all(&Detail::default(), CODE);
    let with_words = C::all(&Detail::new(WORDS), CODE).into_iter();
    // Where others' words take the place of the whole sentence, ours is the one to show.
    let states = with_words.zip(own).map(
        |(said, own)| {
            if said.sentence() == WORDS { own } else { said }
        },
    );
    states.map(event).collect()
}

/// Everything that the condition BackendReady can say: of one pod, and of several.
fn backend() -> Vec<Value> {
    let kind = ConditionType::BackendReady;
    let mut all = each(kind, all(Event::Backend));
    let some = Event::Replicas(Replicas {
        wanted: 3,
        ready: 2,
    });
    let waits = Backend::all(&Detail::default(), CODE)
        .into_iter()
        .filter(|backend| backend.reason() == Reason::Handshaking);
    let partly = waits.map(|waits| vec![some.clone(), Event::Backend(waits)]);
    all.extend(states(kind, partly));
    all
}

/// Everything that the condition JournalAvailable can say.
fn journal() -> Vec<Event> {
    Journal::all().map(Event::Journal).collect()
}

/// What a condition says after each of these events alone.
fn each(kind: ConditionType, events: Vec<Event>) -> Vec<Value> {
    states(kind, events.into_iter().map(|event| vec![event]))
}

/// What a condition says after each of these stories, each reason once.
fn states(kind: ConditionType, stories: impl Iterator<Item = Vec<Event>>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let said = stories.filter_map(|story| {
        let mut status = MCPServerStatus::default();
        for event in story {
            status::fold(&mut status, &event, Timestamp::UNIX_EPOCH);
        }
        let mut conditions = status.conditions.into_iter().flatten();
        conditions.find(|condition| condition.kind == kind.as_str())
    });
    said.filter(|condition| seen.insert(condition.reason.clone()))
        .map(|condition| {
            json!({
                "status": condition.status,
                "reason": condition.reason,
                "sentence": condition.message,
            })
        })
        .collect()
}

/// Every Kubernetes Event that can be, each reason and type once.
fn events() -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let told = samples()
        .into_iter()
        .filter_map(|event| kube_event::fold(&event));
    told.filter(|event| seen.insert((event.reason, event.severity)))
        .map(|event| {
            json!({
                "type": event.severity.as_str(),
                "reason": event.reason.as_str(),
                "action": event.action.as_str(),
                "note": note(&event),
            })
        })
        .collect()
}

/// An Event's sentence, unless it tells of a part, of which there are many.
fn note(event: &KubeEvent) -> String {
    match event.severity {
        Severity::Normal => event.note.clone(),
        Severity::Warning => event.reason.meaning().to_owned(),
    }
}

/// At least one event of every kind, and every state of each component.
fn samples() -> Vec<Event> {
    let endpoint = Endpoint {
        url: "URL".to_owned(),
        streamable_http: "URL".to_owned(),
        sse: "URL".to_owned(),
    };
    let part = Part::StatefulSet;
    let mut samples = vec![
        Event::GenerationObserved(1),
        Event::Terminating(true),
        Event::ObjectGone { part },
        Event::Replicas(Replicas {
            wanted: 3,
            ready: 2,
        }),
        Event::Restarts {
            count: 1,
            more: 1,
            cause: None,
        },
        Event::EndpointPublished(endpoint),
        Event::EndpointWithdrawn,
        Event::Ready,
        Event::NotReady(Blocker {
            reason: Reason::ProcessExited,
            standing: Standing::Failed,
            sentence: WORDS.to_owned(),
        }),
        Event::Applied { part },
        Event::Deleted { part },
    ];
    let presences = [
        Presence::Failed(Detail::new(WORDS)),
        Presence::Lost,
        Presence::Edited,
    ];
    samples.extend(presences.map(|presence| Event::Object { part, presence }));
    samples.extend(acceptance());
    samples.extend(all(Event::Policy));
    samples.extend(all(Event::Egress));
    samples.extend(all(Event::Backend));
    samples.extend(all(Event::Proxy));
    samples.extend(journal());
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new kind of event breaks this match, and then belongs into [`samples`].
    fn kind(event: &Event) -> usize {
        match event {
            Event::GenerationObserved(_) => 0,
            Event::Accepted => 1,
            Event::Refused(_) => 2,
            Event::Unjudged => 3,
            Event::Terminating(_) => 4,
            Event::Object { .. } => 5,
            Event::ObjectGone { .. } => 6,
            Event::Policy(_) => 7,
            Event::Backend(_) => 8,
            Event::Proxy(_) => 9,
            Event::Restarts { .. } => 10,
            Event::EndpointPublished(_) => 11,
            Event::EndpointWithdrawn => 12,
            Event::Ready => 13,
            Event::Applied { .. } => 14,
            Event::Deleted { .. } => 15,
            Event::Egress(_) => 16,
            Event::Replicas(_) => 17,
            Event::NotReady(_) => 18,
            Event::Journal(_) => 19,
        }
    }

    #[test]
    fn the_samples_hold_every_kind_of_event() {
        let kinds: BTreeSet<usize> = samples().iter().map(kind).collect();
        let all: BTreeSet<usize> = (0..kinds.len()).collect();
        assert_eq!(kinds, all);
        assert_eq!(kinds.len(), 20);
    }

    #[test]
    fn every_condition_but_ready_has_its_states() {
        let facts = facts();
        for condition in ConditionType::ALL {
            let states = facts["states"][condition.as_str()].as_array();
            let expected = condition != ConditionType::Ready;
            assert_eq!(states.is_some_and(|states| !states.is_empty()), expected);
        }
    }

    #[test]
    fn every_reason_that_a_backend_or_an_event_can_have_is_told() {
        let facts = facts();
        let told = |list: &Value, word: &str| {
            let list = list.as_array().into_iter().flatten();
            list.map(|row| &row["reason"]).any(|reason| reason == word)
        };
        assert!(told(&facts["states"]["BackendReady"], "PartlyReady"));
        for reason in ["ObjectEdited", "ObjectLost", "ApplyFailed"] {
            assert!(told(&facts["events"], reason), "{reason}");
        }
    }

    #[test]
    fn every_reason_has_a_meaning() {
        for reason in Reason::ALL {
            assert!(reason.meaning().ends_with('.'), "{reason}");
        }
    }
}
