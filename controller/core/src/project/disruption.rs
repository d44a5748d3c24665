//! Pods that a node, or the lack of one, takes away.

use jiff::SignedDuration;
use k8s_openapi::api::core::v1::{Pod, PodCondition, PodStatus};

use super::pod::condition;
use crate::detail::Detail;
use crate::state::PodState;

/// A node counts as lost after 40 s or more of silence (`--node-monitor-grace-period` of the
/// controller manager), so its pods are marked no sooner after their last change. Less is the time
/// that a kubelet takes to follow a change, and the difference between two clocks.
const LOST_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// Why this pod goes or cannot be reached, if it is its node's doing.
pub(super) fn read(pod: &Pod) -> Option<PodState> {
    let status = pod.status.as_ref()?;
    lost(pod, status).or_else(|| put_out(pod, status))
}

/// A node that no longer reports. Its pods are marked as not ready by another than their kubelet
/// (node lifecycle controller), after `tolerationSeconds` as being deleted (taint manager).
fn lost(pod: &Pod, status: &PodStatus) -> Option<PodState> {
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_deref());
    let lost = || PodState::NodeLost(Detail::new(node.unwrap_or_default()));
    let disrupted = disruption(pod).and_then(|disrupted| disrupted.reason.as_deref());
    let said = status.reason.as_deref() == Some("NodeLost")
        || disrupted == Some("DeletionByTaintManager")
        || condition(pod, "Ready").is_some_and(|ready| ready.status == "Unknown");
    (said || overruled(pod)).then(lost)
}

/// The pod was marked as not ready long after all that makes a pod ready had become true.
fn overruled(pod: &Pod) -> bool {
    let Some(ready) = condition(pod, "Ready").filter(|ready| ready.status == "False") else {
        return false;
    };
    let gates = pod
        .spec
        .iter()
        .flat_map(|spec| spec.readiness_gates.iter().flatten());
    let mut causes =
        std::iter::once("ContainersReady").chain(gates.map(|gate| gate.condition_type.as_str()));
    causes.all(|kind| {
        let cause = condition(pod, kind).filter(|cause| cause.status == "True");
        cause.is_some_and(|cause| long_before(cause, ready))
    })
}

fn long_before(one: &PodCondition, other: &PodCondition) -> bool {
    let times = one
        .last_transition_time
        .as_ref()
        .zip(other.last_transition_time.as_ref());
    times.is_some_and(|(one, other)| other.0.duration_since(one.0) >= LOST_AFTER)
}

/// A pod that was turned away or put out has failed and says why; one that is about to be put out
/// is being deleted and says so by a condition (KEP-3329).
fn put_out(pod: &Pod, status: &PodStatus) -> Option<PodState> {
    let words = if status.phase.as_deref() == Some("Failed") && status.reason.is_some() {
        [status.reason.as_deref(), status.message.as_deref()]
    } else {
        let disrupted = disruption(pod)?;
        [disrupted.reason.as_deref(), disrupted.message.as_deref()]
    };
    let detail = words.into_iter().flatten().collect::<Vec<_>>().join(": ");
    Some(PodState::Evicted(Detail::new(&detail)))
}

fn disruption(pod: &Pod) -> Option<&PodCondition> {
    condition(pod, "DisruptionTarget").filter(|found| found.status == "True")
}
