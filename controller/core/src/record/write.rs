//! From a fact to the type and the data that tell it.

use serde::Serialize;
use serde_json::Value;

use super::data::{
    BlockerV1, ComponentV1, DeletionV1, DoorsV1, EndingV1, EndpointV1, GenerationV1, JournalV1,
    ObjectV1, PodsV1, RestartsV1, ServerV1, Severity as SeverityV1, SnapshotV1, SpecV1, StandingV1,
    Told, WhyV1,
};
use super::fact::{Fact, Snapshot, Why};
use super::kind::{Thing, kebab};
use crate::event::{Event, Severity};
use crate::part::Part;
use crate::state::{Blocker, Component, Ending, Endpoint, Journal, Presence, Standing};

impl Fact {
    /// What it is about.
    pub const fn thing(&self) -> Thing {
        match self {
            Self::Event(event) => event.thing(),
            Self::Snapshot(_) => Thing::Snapshot,
            Self::Deleted => Thing::Deleted,
        }
    }

    /// The type of its CloudEvent.
    pub fn kind(&self) -> String {
        let state = match self {
            Self::Event(event) => Some(event.state()),
            Self::Snapshot(_) | Self::Deleted => None,
        };
        self.thing().kind(state.as_deref())
    }

    /// The data of its CloudEvent.
    pub fn data(&self) -> Value {
        let told = self.told();
        match self {
            Self::Event(event) => event_data(event, told),
            Self::Snapshot(snapshot) => json(&snapshot_data(snapshot, told)),
            Self::Deleted => json(&DeletionV1 { told }),
        }
    }

    fn told(&self) -> Told {
        Told {
            reason: self.reason().to_owned(),
            severity: match self.severity() {
                Severity::Normal => SeverityV1::Normal,
                Severity::Warning => SeverityV1::Warning,
            },
            message: self.note(),
        }
    }
}

impl Event {
    const fn thing(&self) -> Thing {
        match self {
            Self::GenerationObserved(_) => Thing::Generation,
            Self::Accepted | Self::Refused(_) | Self::Unjudged => Thing::Spec,
            Self::Terminating(_) => Thing::Deletion,
            Self::Object { .. }
            | Self::ObjectGone { .. }
            | Self::Applied { .. }
            | Self::Deleted { .. } => Thing::Object,
            Self::Policy(_) => Thing::Policy,
            Self::Egress(_) => Thing::Egress,
            Self::Backend(_) => Thing::Backend,
            Self::Replicas(_) => Thing::Pods,
            Self::Proxy(_) => Thing::Proxy,
            Self::Restarts { .. } => Thing::Restarts,
            Self::EndpointPublished(_) | Self::EndpointWithdrawn => Thing::Endpoint,
            Self::Ready | Self::NotReady(_) => Thing::Server,
            Self::Journal(_) => Thing::Journal,
        }
    }

    /// How the thing is now: the second word of the type.
    fn state(&self) -> String {
        match self {
            Self::GenerationObserved(_) => "observed".to_owned(),
            Self::Accepted => "accepted".to_owned(),
            Self::Refused(_) => "refused".to_owned(),
            Self::Unjudged => "unjudged".to_owned(),
            Self::Terminating(true) => "begun".to_owned(),
            Self::Terminating(false) | Self::EndpointWithdrawn => "withdrawn".to_owned(),
            Self::Object { presence, .. } => kebab(presence.as_str()),
            Self::ObjectGone { .. } => "gone".to_owned(),
            Self::Applied { .. } => "applied".to_owned(),
            Self::Deleted { .. } => "deleted".to_owned(),
            Self::Policy(policy) => kebab(policy.reason().as_str()),
            Self::Egress(egress) => kebab(egress.reason().as_str()),
            Self::Backend(backend) => kebab(backend.reason().as_str()),
            Self::Proxy(proxy) => kebab(proxy.reason().as_str()),
            Self::Replicas(_) | Self::Restarts { .. } => "counted".to_owned(),
            Self::Journal(journal) => journal_state(*journal).to_owned(),
            Self::EndpointPublished(_) => "published".to_owned(),
            Self::Ready => "ready".to_owned(),
            Self::NotReady(_) => "not-ready".to_owned(),
        }
    }
}

const fn journal_state(journal: Journal) -> &'static str {
    match journal {
        Journal::Off => "off",
        Journal::Available => "available",
        Journal::Unavailable(_) => "unavailable",
    }
}

fn json(data: &impl Serialize) -> Value {
    serde_json::to_value(data).expect("event data are maps with text keys")
}

fn event_data(event: &Event, told: Told) -> Value {
    match event {
        Event::GenerationObserved(generation) => json(&GenerationV1 {
            told,
            generation: *generation,
        }),
        Event::Accepted | Event::Unjudged => json(&spec(told, None)),
        Event::Refused(refusal) => json(&spec(told, Some((&refusal.field, &refusal.sentence)))),
        Event::Terminating(_) => json(&DeletionV1 { told }),
        Event::Object { part, presence } => json(&object(told, *part, Some(presence))),
        Event::ObjectGone { part } | Event::Applied { part } | Event::Deleted { part } => {
            json(&object(told, *part, None))
        }
        Event::Policy(policy) => json(&component(told, policy)),
        Event::Egress(egress) => json(&component(told, egress)),
        Event::Backend(backend) => json(&component(told, backend)),
        Event::Proxy(proxy) => json(&component(told, proxy)),
        Event::Replicas(replicas) => json(&PodsV1 {
            told,
            wanted: replicas.wanted,
            ready: replicas.ready,
        }),
        Event::Restarts { count, more, cause } => json(&RestartsV1 {
            told,
            count: *count,
            more: *more,
            cause: cause.as_ref().map(ending),
        }),
        Event::Journal(_) => json(&JournalV1 { told }),
        Event::EndpointPublished(endpoint) => json(&doors(told, Some(endpoint))),
        Event::EndpointWithdrawn => json(&doors(told, None)),
        Event::Ready => json(&server(told, None)),
        Event::NotReady(blocker) => json(&server(told, Some(blocker))),
    }
}

fn spec(told: Told, fault: Option<(&String, &String)>) -> SpecV1 {
    SpecV1 {
        told,
        field: fault.map(|(field, _)| field.clone()),
        sentence: fault.map(|(_, sentence)| sentence.clone()),
    }
}

fn object(told: Told, part: Part, presence: Option<&Presence>) -> ObjectV1 {
    let detail = presence.and_then(Presence::detail);
    ObjectV1 {
        told,
        part: part.as_str().to_owned(),
        detail: detail.map(|detail| detail.as_str().to_owned()),
    }
}

/// The same fields as in the status: what reads the one back reads the other.
fn component(told: Told, component: &impl Component) -> ComponentV1 {
    let status = component.status();
    ComponentV1 {
        told,
        detail: status.detail,
        exit_code: status.exit_code,
        pod: status.pod,
    }
}

fn ending(ending: &Ending) -> EndingV1 {
    let status = ending.status();
    EndingV1 {
        reason: status.state,
        exit_code: ending.exit_code(),
        detail: status.detail,
    }
}

fn doors(told: Told, endpoint: Option<&Endpoint>) -> EndpointV1 {
    EndpointV1 {
        told,
        endpoint: endpoint.map(|endpoint| DoorsV1 {
            url: endpoint.url.clone(),
            streamable_http: endpoint.streamable_http.clone(),
            sse: endpoint.sse.clone(),
        }),
    }
}

fn server(told: Told, blocker: Option<&Blocker>) -> ServerV1 {
    ServerV1 {
        told,
        blocker: blocker.map(|blocker| BlockerV1 {
            reason: blocker.reason.as_str().to_owned(),
            standing: match blocker.standing {
                Standing::Good => StandingV1::Good,
                Standing::Waiting => StandingV1::Waiting,
                Standing::Stopped => StandingV1::Stopped,
                Standing::Failed => StandingV1::Failed,
            },
            sentence: blocker.sentence.clone(),
        }),
    }
}

fn snapshot_data(snapshot: &Snapshot, told: Told) -> SnapshotV1 {
    SnapshotV1 {
        told,
        why: match snapshot.why {
            Why::Begun => WhyV1::Begun,
            Why::Healed => WhyV1::Healed,
            Why::Retention => WhyV1::Retention,
        },
        status: snapshot.status.clone(),
    }
}
