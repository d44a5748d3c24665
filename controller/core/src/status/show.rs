//! From a state to the status that shows it.

use std::collections::BTreeMap;

use hivewright_api::status::{ComponentStatus, Endpoints, MCPServerStatus, ObjectStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::ConditionType;
use crate::detail::Detail;
use crate::part::Part;
use crate::state::{Component, Egress, Ending, Presence, ServerState};

/// The status that shows `state`. What a state does not hold comes from `before`: since when
/// unchanged conditions hold, and the last failure.
pub(super) fn show(state: &ServerState, before: &MCPServerStatus, at: &Time) -> MCPServerStatus {
    MCPServerStatus {
        phase: Some(state.phase().as_str().to_owned()),
        url: state.endpoint.as_ref().map(|endpoint| endpoint.url.clone()),
        message: Some(state.message()),
        observed_generation: (state.generation != 0).then_some(state.generation),
        ready: Some(state.replicas.to_string()),
        replicas: Some(count(state.replicas.wanted)),
        ready_replicas: Some(count(state.replicas.ready)),
        restarts: Some(count(state.restarts.count)),
        last_restart: state.restarts.cause.as_ref().map(Ending::status),
        endpoints: state.endpoint.as_ref().map(|endpoint| Endpoints {
            streamable_http: Some(endpoint.streamable_http.clone()),
            sse: Some(endpoint.sse.clone()),
        }),
        conditions: Some(
            ConditionType::ALL
                .into_iter()
                .filter_map(|kind| condition(kind, state, before, at))
                .collect(),
        ),
        backend: Some(state.backend.status()),
        proxy: Some(state.proxy.status()),
        policy: Some(state.policy.status()),
        egress: egress(&state.egress),
        objects: Some(objects(&state.objects)),
        last_failure: before.last_failure.clone(),
    }
}

fn count(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Shown only once there is something to tell: most servers are never denied anything.
fn egress(egress: &Egress) -> Option<ComponentStatus> {
    match egress {
        Egress::Unhindered => None,
        Egress::Denied(_) => Some(egress.status()),
    }
}

fn condition(
    kind: ConditionType,
    state: &ServerState,
    before: &MCPServerStatus,
    at: &Time,
) -> Option<hivewright_api::status::Condition> {
    let mut condition = kind.of(state, at)?;
    let known = before
        .conditions
        .iter()
        .flatten()
        .find(|known| known.kind == condition.kind);
    if let Some(known) = known.filter(|known| known.status == condition.status) {
        condition.last_transition_time = known.last_transition_time.clone();
    }
    Some(condition)
}

fn objects(objects: &BTreeMap<Part, Presence>) -> Vec<ObjectStatus> {
    objects
        .iter()
        .map(|(part, presence)| ObjectStatus {
            part: part.as_str().to_owned(),
            state: presence.as_str().to_owned(),
            detail: presence.detail().map(|detail| detail.as_str().to_owned()),
        })
        .collect()
}

impl Presence {
    /// Why the API server refused the object.
    pub const fn detail(&self) -> Option<&Detail> {
        match self {
            Self::Failed(detail) => Some(detail),
            Self::Missing
            | Self::Lost
            | Self::Outdated
            | Self::Edited
            | Self::Current
            | Self::Leftover
            | Self::Kept => None,
        }
    }

    /// Its word in the status.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Missing => "Missing",
            Self::Lost => "Lost",
            Self::Outdated => "Outdated",
            Self::Edited => "Edited",
            Self::Current => "Current",
            Self::Leftover => "Leftover",
            Self::Kept => "Kept",
            Self::Failed(_) => "Failed",
        }
    }
}
