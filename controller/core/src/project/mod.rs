//! From what was observed to the truth about the server.

mod components;
mod pod;

use std::collections::BTreeMap;

use crate::desired::{Need, needs};
use crate::detail::Detail;
use crate::observed::{Enforcement, Observed};
use crate::part::Part;
use crate::refusal::Refusal;
use crate::render;
use crate::state::{Acceptance, Endpoint, Policy, Presence, ServerState};
use crate::valid::ValidServer;

/// The truth about one server, as far as it was observed.
pub fn project(observed: &Observed) -> ServerState {
    let meta = &observed.server.metadata;
    let (acceptance, objects, endpoint) = match needs(observed) {
        Ok((server, needs)) => accepted(&server, needs, observed),
        Err(refusal) => refused(refusal, observed),
    };
    ServerState {
        generation: meta.generation.unwrap_or_default(),
        acceptance,
        terminating: meta.deletion_timestamp.is_some(),
        policy: policy(&objects, observed.settings.enforcement),
        objects,
        backend: components::backend(observed),
        proxy: components::proxy(observed),
        restarts: components::restarts(observed),
        endpoint,
    }
}

type Judgement = (Acceptance, BTreeMap<Part, Presence>, Option<Endpoint>);

fn accepted(server: &ValidServer, needs: BTreeMap<Part, Need>, observed: &Observed) -> Judgement {
    let objects = needs
        .into_iter()
        .map(|(part, need)| (part, presence(part, &need, observed)))
        .collect();
    let service = observed.objects.proxy_service.as_ref();
    let endpoint = service.map(|_| render::endpoint(server, &observed.settings));
    (Acceptance::Accepted, objects, endpoint)
}

/// A refusal of the API server is remembered only while there is still something to write.
fn presence(part: Part, need: &Need, observed: &Observed) -> Presence {
    let failed = observed
        .failures
        .get(&part)
        .map(|cause| Presence::Failed(Detail::new(cause)));
    match need {
        Need::Create(_) => failed.unwrap_or(Presence::Missing),
        Need::Update(_) => failed.unwrap_or(Presence::Outdated),
        Need::Delete { .. } => failed.unwrap_or(Presence::Leftover),
        Need::Wait => Presence::Outdated,
        Need::Nothing => Presence::Current,
    }
}

/// What runs is left as it is, and clients go on finding it where they found it.
fn refused(refusal: Refusal, observed: &Observed) -> Judgement {
    let objects = Part::ALL
        .into_iter()
        .filter(|part| observed.objects.json(*part).is_some())
        .map(|part| (part, Presence::Kept))
        .collect();
    let before = ServerState::from_status(observed.server.status.as_ref());
    let endpoint = observed.objects.proxy_service.as_ref().and(before.endpoint);
    (Acceptance::Refused(refusal), objects, endpoint)
}

fn policy(objects: &BTreeMap<Part, Presence>, enforcement: Enforcement) -> Policy {
    let in_place = [Part::ServerPolicy, Part::ProxyPolicy]
        .into_iter()
        .all(|part| matches!(objects.get(&part), Some(Presence::Current | Presence::Kept)));
    match (in_place, enforcement) {
        (false, _) => Policy::Pending,
        (true, Enforcement::Enforced) => Policy::Enforced,
        (true, Enforcement::NotEnforced) => Policy::NotEnforced,
        (true, Enforcement::Unknown) => Policy::Unverified,
    }
}
