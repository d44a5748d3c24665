//! The server's pods: how many answer, and the story of the one that is worst off.

use std::sync::Arc;

use hivewright_api::names;
use k8s_openapi::api::core::v1::Pod;

use super::container;
use super::story::Teller;
use crate::event::Severity;
use crate::observed::Observed;
use crate::state::{Backend, Component, Replicas, Restarts, Standing, Story};
use crate::valid::{Scale, ValidServer};

/// What is true of all pods together.
#[derive(Debug)]
pub(super) struct Truth {
    pub(super) backend: Backend,
    pub(super) replicas: Replicas,
    pub(super) restarts: Restarts,
}

/// The truth about the server's pods. `valid` is the server, if its spec is accepted.
pub(super) fn pods(observed: &Observed, valid: Option<&ValidServer>) -> Truth {
    let teller = Teller::new(observed, valid);
    let wanted = wanted(observed);
    let pods = in_order(&observed.pods.server);
    let stories: Vec<(String, Story)> = (0..)
        .zip(slots(&pods, wanted))
        .map(|(slot, pod)| match pod {
            Some(pod) => (
                pod.metadata.name.clone().unwrap_or_default(),
                teller.of(pod),
            ),
            None => (vacant(observed, &pods, slot), teller.of_none()),
        })
        .collect();
    let answering = stories
        .iter()
        .filter(|(_, story)| *story == Story::Initialized);
    Truth {
        replicas: Replicas {
            wanted,
            ready: u32::try_from(answering.count()).unwrap_or(u32::MAX),
        },
        backend: teller
            .without_pods(wanted)
            .map_or_else(|| worst(without_renewals(stories, valid)), Backend::from),
        restarts: container::restarts(&pods),
    }
}

/// How many pods the StatefulSet asks for.
fn wanted(observed: &Observed) -> u32 {
    let set = observed.objects.stateful_set.as_deref();
    let replicas = set.map(|set| set.spec.as_ref().and_then(|spec| spec.replicas));
    let replicas = replicas.map(|replicas| replicas.unwrap_or(1));
    replicas
        .and_then(|replicas| u32::try_from(replicas).ok())
        .unwrap_or_default()
}

/// By ordinal (`x-2` before `x-10`), those that go after those that stay.
fn in_order(pods: &[Arc<Pod>]) -> Vec<&Pod> {
    let mut pods: Vec<&Pod> = pods.iter().map(Arc::as_ref).collect();
    pods.sort_by_key(|pod| {
        let name = pod.metadata.name.clone().unwrap_or_default();
        (pod.metadata.deletion_timestamp.is_some(), name.len(), name)
    });
    pods
}

/// One for each wanted pod: those that are there, then nothing. More than a controller would ever
/// ask for are not counted one by one.
fn slots<'a>(pods: &[&'a Pod], wanted: u32) -> impl Iterator<Item = Option<&'a Pod>> {
    let wanted = usize::try_from(wanted.min(u32::from(names::MAX_BACKEND_REPLICAS)));
    let here = pods.iter().copied().map(Some);
    here.chain(std::iter::repeat(None))
        .take(wanted.unwrap_or(usize::MAX))
        .collect::<Vec<_>>()
        .into_iter()
}

/// Name of the pod that is missing in this slot: the first ordinal without a pod, for the first
/// empty slot.
fn vacant(observed: &Observed, pods: &[&Pod], slot: usize) -> String {
    let server = observed.server.metadata.name.as_deref().unwrap_or_default();
    let taken = |name: &str| {
        pods.iter()
            .any(|pod| pod.metadata.name.as_deref() == Some(name))
    };
    (0..)
        .map(|ordinal| names::pod(server, ordinal))
        .filter(|name| !taken(name))
        .nth(slot.saturating_sub(pods.len()))
        .unwrap_or_default()
}

/// The pods of a pool come and go with their sessions: while clients are answered, one that is on its
/// way is the pool's everyday life and nothing to tell.
fn without_renewals(
    mut stories: Vec<(String, Story)>,
    valid: Option<&ValidServer>,
) -> Vec<(String, Story)> {
    let pooled = valid.is_some_and(|server| matches!(server.scale, Scale::Pooled(_)));
    if pooled
        && stories
            .iter()
            .any(|(_, story)| *story == Story::Initialized)
    {
        stories.retain(|(_, story)| !is_on_its_way(story));
    }
    stories
}

fn is_on_its_way(story: &Story) -> bool {
    story.standing() == Standing::Waiting && story.severity() != Severity::Warning
}

/// The pod that needs help most, the one with the lowest ordinal of several such. Its name is told
/// if there is another that it could be.
fn worst(stories: Vec<(String, Story)>) -> Backend {
    let several = stories.len() > 1;
    let urgency = |(_, story): &(String, Story)| match (story.standing(), story.severity()) {
        (Standing::Failed, _) => 0,
        (Standing::Waiting, Severity::Warning) => 1,
        (Standing::Waiting | Standing::Stopped, _) => 2,
        (Standing::Good, _) => 3,
    };
    let Some((name, story)) = stories.into_iter().min_by_key(urgency) else {
        return Backend::default();
    };
    let named = several && story != Story::Initialized;
    Backend {
        story,
        pod: named.then_some(name),
    }
}
