//! From a status back to the state that it shows.

use hivewright_api::status::{Condition, MCPServerStatus, ObjectStatus};

use super::ConditionType;
use crate::detail::Detail;
use crate::part::Part;
use crate::refusal::Refusal;
use crate::state::{
    Acceptance, Component, Ending, Endpoint, Journal, Phase, Presence, Replicas, Restarts,
    ServerState,
};

impl ServerState {
    /// The state that a status shows. What cannot be read counts as never observed, so the next
    /// difference says it anew.
    pub fn from_status(status: Option<&MCPServerStatus>) -> Self {
        let Some(status) = status else {
            return Self::default();
        };
        Self {
            generation: status.observed_generation.unwrap_or_default(),
            acceptance: acceptance(status),
            terminating: status.phase.as_deref() == Some(Phase::Terminating.as_str()),
            objects: status.objects.iter().flatten().filter_map(object).collect(),
            policy: component(status.policy.as_ref()),
            egress: component(status.egress.as_ref()),
            backend: component(status.backend.as_ref()),
            replicas: Replicas {
                wanted: count(status.replicas),
                ready: count(status.ready_replicas),
            },
            proxy: component(status.proxy.as_ref()),
            restarts: Restarts {
                count: count(status.restarts),
                cause: status.last_restart.as_ref().and_then(Ending::from_status),
            },
            endpoint: endpoint(status),
            journal: journal(status),
        }
    }
}

fn count(number: Option<i32>) -> u32 {
    number
        .and_then(|number| u32::try_from(number).ok())
        .unwrap_or_default()
}

fn acceptance(status: &MCPServerStatus) -> Acceptance {
    let Some(condition) = condition(status, ConditionType::Accepted) else {
        return Acceptance::NotObserved;
    };
    match condition.status.as_str() {
        "True" => Acceptance::Accepted,
        "False" => Refusal::parse(&condition.reason, &condition.message)
            .map_or(Acceptance::NotObserved, Acceptance::Refused),
        _ => Acceptance::NotObserved,
    }
}

fn condition(status: &MCPServerStatus, kind: ConditionType) -> Option<&Condition> {
    let mut conditions = status.conditions.iter().flatten();
    conditions.find(|found| found.kind == kind.as_str())
}

/// The reason says all; the status of the condition must go with it, or it is shown anew.
fn journal(status: &MCPServerStatus) -> Journal {
    condition(status, ConditionType::JournalAvailable)
        .and_then(|condition| {
            Journal::of(&condition.reason).filter(|journal| match journal {
                Journal::Off => false,
                Journal::Available => condition.status == "True",
                Journal::Unavailable(_) => condition.status == "False",
            })
        })
        .unwrap_or_default()
}

fn object(object: &ObjectStatus) -> Option<(Part, Presence)> {
    let detail = Detail::new(object.detail.as_deref().unwrap_or_default());
    let presence = Presence::all(&detail)
        .into_iter()
        .find(|presence| presence.as_str() == object.state)?;
    Some((Part::parse(&object.part)?, presence))
}

impl Presence {
    /// Every state of an object, with this detail where a state has one.
    pub fn all(detail: &Detail) -> [Self; 8] {
        [
            Self::Missing,
            Self::Lost,
            Self::Outdated,
            Self::Edited,
            Self::Current,
            Self::Leftover,
            Self::Kept,
            Self::Failed(detail.clone()),
        ]
    }
}

fn component<C: Component + Default>(
    status: Option<&hivewright_api::status::ComponentStatus>,
) -> C {
    status.and_then(C::from_status).unwrap_or_default()
}

fn endpoint(status: &MCPServerStatus) -> Option<Endpoint> {
    let endpoints = status.endpoints.as_ref()?;
    Some(Endpoint {
        url: status.url.clone()?,
        streamable_http: endpoints.streamable_http.clone()?,
        sse: endpoints.sse.clone()?,
    })
}
