//! From two states to what became true between them.

use std::collections::BTreeSet;

use crate::event::Event;
use crate::part::Part;
use crate::state::{Acceptance, ServerState};

/// What became true between two states: nothing if they are equal, and enough that folding it
/// into `old` gives `new`. Whether the server is ready comes last, since it follows from the rest.
pub fn diff(old: &ServerState, new: &ServerState) -> Vec<Event> {
    let mut events = Vec::new();
    if old.generation != new.generation {
        events.push(Event::GenerationObserved(new.generation));
    }
    if old.acceptance != new.acceptance {
        events.push(accepted(&new.acceptance));
    }
    if old.terminating != new.terminating {
        events.push(Event::Terminating(new.terminating));
    }
    events.extend(objects(old, new));
    pods(old, new, &mut events);
    components(old, new, &mut events);
    events.extend(readiness(old, new));
    events
}

fn accepted(acceptance: &Acceptance) -> Event {
    match acceptance {
        Acceptance::NotObserved => Event::Unjudged,
        Acceptance::Accepted => Event::Accepted,
        Acceptance::Refused(refusal) => Event::Refused(refusal.clone()),
    }
}

fn objects(old: &ServerState, new: &ServerState) -> Vec<Event> {
    let parts: BTreeSet<Part> = old
        .objects
        .keys()
        .chain(new.objects.keys())
        .copied()
        .collect();
    parts
        .into_iter()
        .filter(|part| old.objects.get(part) != new.objects.get(part))
        .map(|part| match new.objects.get(&part) {
            Some(presence) => Event::Object {
                part,
                presence: presence.clone(),
            },
            None => Event::ObjectGone { part },
        })
        .collect()
}

fn components(old: &ServerState, new: &ServerState, events: &mut Vec<Event>) {
    if old.policy != new.policy {
        events.push(Event::Policy(new.policy.clone()));
    }
    if old.egress != new.egress {
        events.push(Event::Egress(new.egress.clone()));
    }
    if old.proxy != new.proxy {
        events.push(Event::Proxy(new.proxy.clone()));
    }
    if old.backend != new.backend {
        events.push(Event::Backend(new.backend.clone()));
    }
    if old.journal != new.journal {
        events.push(Event::Journal(new.journal));
    }
    if old.endpoint != new.endpoint {
        events.push(match &new.endpoint {
            Some(endpoint) => Event::EndpointPublished(endpoint.clone()),
            None => Event::EndpointWithdrawn,
        });
    }
}

fn pods(old: &ServerState, new: &ServerState, events: &mut Vec<Event>) {
    if old.replicas != new.replicas {
        events.push(Event::Replicas(new.replicas));
    }
    if old.restarts != new.restarts {
        let more = new.restarts.count.saturating_sub(old.restarts.count);
        events.push(Event::Restarts {
            count: new.restarts.count,
            more,
            cause: new.restarts.cause.clone(),
        });
    }
}

fn readiness(old: &ServerState, new: &ServerState) -> Option<Event> {
    match (old.blocker(), new.blocker()) {
        (Some(_), None) => Some(Event::Ready),
        (None, Some(blocker)) => Some(Event::NotReady(blocker)),
        (None, None) | (Some(_), Some(_)) => None,
    }
}
