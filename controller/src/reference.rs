//! `hivewright-controller reference`: what `docs/reference.md` is made of, as JSON, from the types
//! themselves: definition, conditions, reasons, Kubernetes Events.
//!
//! ```text
//!  CRD ───────────────────┐
//!  ConditionType, states ─┼──> JSON ──> harness ──> docs/reference.md
//!  Reason, Event ─────────┘
//! ```

use std::collections::BTreeSet;
use std::io::Write;

use hivewright_core::detail::Detail;
use hivewright_core::kube_event::{self, KubeEvent};
use hivewright_core::status::ConditionType;
use hivewright_core::{
    Backend, Component, Endpoint, Event, Part, Phase, Policy, Presence, Proxy, Reason, Refusal,
    RefusalReason, Severity, Standing,
};
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
        ConditionType::Accepted.as_str(): acceptance(),
        ConditionType::PolicyEnforced.as_str(): states::<Policy>(),
        ConditionType::BackendReady.as_str(): states::<Backend>(),
        ConditionType::ProxyReady.as_str(): states::<Proxy>(),
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
        "conditions": ConditionType::ALL.map(ConditionType::as_str),
        "phases": Phase::ALL.map(Phase::as_str),
        "states": states,
        "reasons": reasons.collect::<Vec<_>>(),
        "events": events(),
        "parts": parts,
    })
}

/// Every reason of the condition Accepted; which sentence goes with it depends on the field.
fn acceptance() -> Vec<Value> {
    let state = |status: &str, reason: Reason| json!({ "status": status, "reason": reason.as_str(), "sentence": reason.meaning() });
    let refused = RefusalReason::ALL.map(|reason| state("False", reason.into()));
    let mut all = vec![
        state("Unknown", Reason::NotObserved),
        state("True", Reason::Accepted),
    ];
    all.extend(refused);
    all
}

/// Every state of a component, as its condition says it.
fn states<C: Component>() -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let all = C::all(&Detail::new(WORDS), CODE).into_iter();
    all.filter(|state| seen.insert(state.reason()))
        .map(|state| {
            let status = match state.standing() {
                Standing::Good => "True",
                Standing::Waiting | Standing::Failed => "False",
            };
            json!({
                "status": status,
                "reason": state.reason().as_str(),
                "sentence": state.sentence(),
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
    let words = Detail::new(WORDS);
    let endpoint = Endpoint {
        url: "URL".to_owned(),
        streamable_http: "URL".to_owned(),
        sse: "URL".to_owned(),
    };
    let part = Part::StatefulSet;
    let mut all = vec![
        Event::GenerationObserved(1),
        Event::Accepted,
        Event::Unjudged,
        Event::Terminating(true),
        Event::ObjectGone { part },
        Event::Restarts { count: 1, more: 1 },
        Event::EndpointPublished(endpoint),
        Event::EndpointWithdrawn,
        Event::Ready,
        Event::Applied { part },
        Event::Deleted { part },
        Event::Object {
            part,
            presence: Presence::Failed(words.clone()),
        },
    ];
    let refusal = |reason| Event::Refused(Refusal::new(reason, "FIELD", WORDS));
    all.extend(RefusalReason::ALL.map(refusal));
    all.extend(Policy::all(&words, CODE).into_iter().map(Event::Policy));
    all.extend(Backend::all(&words, CODE).into_iter().map(Event::Backend));
    all.extend(Proxy::all(&words, CODE).into_iter().map(Event::Proxy));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new kind of event breaks this match, and then belongs into [`samples`]; `NotReady` repeats
    /// the reasons of the components.
    fn kind(event: &Event) -> Option<usize> {
        match event {
            Event::GenerationObserved(_) => Some(0),
            Event::Accepted => Some(1),
            Event::Refused(_) => Some(2),
            Event::Unjudged => Some(3),
            Event::Terminating(_) => Some(4),
            Event::Object { .. } => Some(5),
            Event::ObjectGone { .. } => Some(6),
            Event::Policy(_) => Some(7),
            Event::Backend(_) => Some(8),
            Event::Proxy(_) => Some(9),
            Event::Restarts { .. } => Some(10),
            Event::EndpointPublished(_) => Some(11),
            Event::EndpointWithdrawn => Some(12),
            Event::Ready => Some(13),
            Event::Applied { .. } => Some(14),
            Event::Deleted { .. } => Some(15),
            Event::NotReady(_) => None,
        }
    }

    #[test]
    fn the_samples_hold_every_kind_of_event() {
        let kinds: BTreeSet<usize> = samples().iter().filter_map(kind).collect();
        let all: BTreeSet<usize> = (0..kinds.len()).collect();
        assert_eq!(kinds, all);
        assert_eq!(kinds.len(), 16);
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
    fn every_reason_has_a_meaning() {
        for reason in Reason::ALL {
            assert!(reason.meaning().ends_with('.'), "{reason}");
        }
    }
}
