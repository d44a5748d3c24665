//! The objects made for the server: how they are, and where clients connect.

use std::collections::BTreeMap;

use hivewright_api::names;
use serde_json::Value;

use crate::desired::{Need, Needs};
use crate::detail::Detail;
use crate::observed::Observed;
use crate::part::Part;
use crate::refusal::Refusal;
use crate::render;
use crate::state::{Acceptance, Endpoint, Presence, ServerState};

/// What follows from the spec and the objects alone.
pub(super) struct Judgement {
    pub(super) acceptance: Acceptance,
    pub(super) objects: BTreeMap<Part, Presence>,
    pub(super) endpoint: Option<Endpoint>,
}

pub(super) fn accepted(needs: &Needs, observed: &Observed, before: &ServerState) -> Judgement {
    let presence = |(&part, need)| {
        let failed = failed(part, need, observed);
        let presence = failed.unwrap_or_else(|| presence(part, need, observed, before));
        (part, presence)
    };
    let service = observed.objects.proxy_service.as_ref();
    Judgement {
        acceptance: Acceptance::Accepted,
        objects: needs.parts.iter().map(presence).collect(),
        endpoint: service.map(|_| render::endpoint(&needs.server, &observed.settings)),
    }
}

/// A refusal of the API server is remembered only while there is still something to write.
fn failed(part: Part, need: &Need, observed: &Observed) -> Option<Presence> {
    let cause = || observed.failures.get(&part).map(|cause| Detail::new(cause));
    match need {
        Need::Create(_) | Need::Update(_) | Need::Replace { .. } | Need::Delete { .. } => {
            cause().map(Presence::Failed)
        }
        Need::Wait | Need::Nothing => None,
    }
}

fn presence(part: Part, need: &Need, observed: &Observed, before: &ServerState) -> Presence {
    match need {
        Need::Create(_) => match before.objects.get(&part) {
            Some(Presence::Current | Presence::Edited | Presence::Lost) => Presence::Lost,
            Some(
                Presence::Missing
                | Presence::Outdated
                | Presence::Leftover
                | Presence::Kept
                | Presence::Failed(_),
            )
            | None => Presence::Missing,
        },
        Need::Update(desired) if written_so(part, desired, observed) => Presence::Edited,
        Need::Wait if observed.objects.meta(part).is_none() => Presence::Missing,
        Need::Update(_) | Need::Replace { .. } | Need::Wait => Presence::Outdated,
        Need::Delete { .. } => Presence::Leftover,
        Need::Nothing => Presence::Current,
    }
}

/// Whether the object was last written as it is wanted now: its hash says so.
fn written_so(part: Part, desired: &Value, observed: &Observed) -> bool {
    let wanted = desired["metadata"]["annotations"][names::DESIRED_HASH].as_str();
    let found = observed.objects.meta(part);
    let found = found.and_then(|meta| meta.annotations.as_ref()?.get(names::DESIRED_HASH));
    found.is_some_and(|found| wanted == Some(found.as_str()))
}

/// What runs is left as it is, and clients go on finding it where they found it.
pub(super) fn refused(refusal: &Refusal, observed: &Observed, before: &ServerState) -> Judgement {
    let objects = Part::ALL
        .into_iter()
        .filter(|part| observed.objects.meta(*part).is_some())
        .map(|part| (part, Presence::Kept))
        .collect();
    let service = observed.objects.proxy_service.as_ref();
    Judgement {
        acceptance: Acceptance::Refused(refusal.clone()),
        objects,
        endpoint: service.and_then(|_| before.endpoint.clone()),
    }
}
