//! What the status of a pod says about its main container.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod, PodCondition};

use super::{container, disruption};
use crate::detail::Detail;
use crate::state::PodState;

/// The main container runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Running {
    /// And its own readiness probe, if it has one, succeeds.
    Ready,
    /// And its own readiness probe fails.
    NotReady,
}

/// Where the pod stands: running, or what keeps it from that.
pub(super) fn read(pod: &Pod, main: &str) -> Result<Running, PodState> {
    if let Some(disruption) = disruption::read(pod) {
        return Err(disruption);
    }
    if pod.metadata.deletion_timestamp.is_some() {
        return Err(PodState::Terminating);
    }
    if let Some(trouble) = scheduling(pod).or_else(|| initialising(pod)) {
        return Err(trouble);
    }
    match container(pod, main) {
        None => Err(PodState::Pending),
        Some(status) => container::read(pod, status),
    }
}

/// The status of a container of the pod.
pub(super) fn container<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerStatus> {
    let all = pod.status.as_ref()?.container_statuses.iter().flatten();
    all.into_iter().find(|container| container.name == name)
}

/// A condition of the pod.
pub(super) fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<&'a PodCondition> {
    let all = pod.status.as_ref()?.conditions.iter().flatten();
    all.into_iter().find(|condition| condition.type_ == kind)
}

/// The cause in what the API server said when it refused to make a pod. What comes before it names
/// the pod, and that of a Deployment has another name at each attempt.
pub(super) fn refusal(words: &str) -> &str {
    let cause = words
        .split_once("\" is forbidden: ")
        .or_else(|| words.split_once(" failed error: "));
    cause.map_or(words, |(_, cause)| cause)
}

fn scheduling(pod: &Pod) -> Option<PodState> {
    let condition = condition(pod, "PodScheduled").filter(|found| found.status == "False")?;
    Some(match condition.reason.as_deref() {
        Some("Unschedulable") => PodState::Unschedulable(Detail::new(
            condition.message.as_deref().unwrap_or_default(),
        )),
        Some(_) | None => PodState::Pending,
    })
}

/// Init containers come first: while one of them is held up, that is the story.
fn initialising(pod: &Pod) -> Option<PodState> {
    let all = pod
        .status
        .as_ref()?
        .init_container_statuses
        .iter()
        .flatten();
    all.into_iter()
        .find_map(|status| container::trouble(pod, status))
}
