//! The objects made for the server: how they are, and where clients connect.

use std::collections::BTreeMap;

use crate::desired::Need;
use crate::detail::Detail;
use crate::observed::Observed;
use crate::part::Part;
use crate::refusal::Refusal;
use crate::render;
use crate::state::{Acceptance, Endpoint, Presence, ServerState};
use crate::valid::ValidServer;

/// What follows from the spec and the objects alone.
pub(super) struct Judgement {
    pub(super) acceptance: Acceptance,
    pub(super) objects: BTreeMap<Part, Presence>,
    pub(super) endpoint: Option<Endpoint>,
}

pub(super) fn accepted(
    server: &ValidServer,
    needs: BTreeMap<Part, Need>,
    observed: &Observed,
) -> Judgement {
    let objects = needs
        .into_iter()
        .map(|(part, need)| (part, presence(part, &need, observed)))
        .collect();
    let service = observed.objects.proxy_service.as_ref();
    Judgement {
        acceptance: Acceptance::Accepted,
        objects,
        endpoint: service.map(|_| render::endpoint(server, &observed.settings)),
    }
}

/// A refusal of the API server is remembered only while there is still something to write.
fn presence(part: Part, need: &Need, observed: &Observed) -> Presence {
    let failed = observed
        .failures
        .get(&part)
        .map(|cause| Presence::Failed(Detail::new(cause)));
    match need {
        Need::Create(_) => failed.unwrap_or(Presence::Missing),
        Need::Update(_) | Need::Replace { .. } => failed.unwrap_or(Presence::Outdated),
        Need::Delete { .. } => failed.unwrap_or(Presence::Leftover),
        Need::Wait => Presence::Outdated,
        Need::Nothing => Presence::Current,
    }
}

/// What runs is left as it is, and clients go on finding it where they found it.
pub(super) fn refused(refusal: Refusal, observed: &Observed, before: &ServerState) -> Judgement {
    let objects = Part::ALL
        .into_iter()
        .filter(|part| observed.objects.json(*part).is_some())
        .map(|part| (part, Presence::Kept))
        .collect();
    let service = observed.objects.proxy_service.as_ref();
    Judgement {
        acceptance: Acceptance::Refused(refusal),
        objects,
        endpoint: service.and(before.endpoint.clone()),
    }
}
