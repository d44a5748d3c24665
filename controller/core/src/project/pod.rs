//! What the status of a pod says about its main container.

use k8s_openapi::api::core::v1::{
    ContainerStateTerminated, ContainerStateWaiting, ContainerStatus, Pod, PodCondition,
};

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
    if pod.metadata.deletion_timestamp.is_some() {
        return Err(PodState::Terminating);
    }
    if let Some(trouble) = scheduling(pod).or_else(|| initialising(pod)) {
        return Err(trouble);
    }
    let Some(container) = container(pod, main) else {
        return Err(evicted(pod).unwrap_or(PodState::Pending));
    };
    let state = container.state.as_ref();
    if let Some(ended) = state.and_then(|state| state.terminated.as_ref()) {
        return Err(exited(ended, false));
    }
    match state.and_then(|state| state.running.as_ref()) {
        Some(_) if container.ready => Ok(Running::Ready),
        Some(_) => Ok(Running::NotReady),
        None => {
            let waiting = state.and_then(|state| state.waiting.as_ref());
            Err(waiting.map_or(PodState::Starting, |waiting| held(container, waiting)))
        }
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
    all.into_iter().find_map(|container| {
        let state = container.state.as_ref()?;
        if let Some(ended) = state
            .terminated
            .as_ref()
            .filter(|ended| ended.exit_code != 0)
        {
            return Some(exited(ended, false));
        }
        match held(container, state.waiting.as_ref()?) {
            PodState::Starting => None,
            trouble @ (PodState::Pending
            | PodState::Unschedulable(_)
            | PodState::ImagePullFailed(_)
            | PodState::ContainerConfigError(_)
            | PodState::Exited { .. }
            | PodState::Terminating) => Some(trouble),
        }
    })
}

/// A pod that the kubelet turned away or put out has no container and says why itself.
fn evicted(pod: &Pod) -> Option<PodState> {
    let status = pod
        .status
        .as_ref()
        .filter(|status| status.phase.as_deref() == Some("Failed"))?;
    let words = [status.reason.as_deref(), status.message.as_deref()];
    let detail = words.into_iter().flatten().collect::<Vec<_>>().join(": ");
    Some(PodState::Unschedulable(Detail::new(&detail)))
}

/// Why the kubelet holds a container back. The reasons are those of the kubelet's image manager
/// and container manager (`pkg/kubelet/images`, `pkg/kubelet/kuberuntime`).
fn held(container: &ContainerStatus, waiting: &ContainerStateWaiting) -> PodState {
    let message = waiting.message.as_deref().unwrap_or_default();
    match waiting.reason.as_deref().unwrap_or_default() {
        "ErrImagePull"
        | "ImagePullBackOff"
        | "InvalidImageName"
        | "ErrImageNeverPull"
        | "RegistryUnavailable"
        | "ImageInspectError"
        | "SignatureValidationFailed" => {
            PodState::ImagePullFailed(Detail::new(pull_cause(message)))
        }
        "CreateContainerConfigError"
        | "CreateContainerError"
        | "RunContainerError"
        | "PreCreateHookError"
        | "PreStartHookError"
        | "PostStartHookError" => PodState::ContainerConfigError(Detail::new(message)),
        "CrashLoopBackOff" => {
            let ended = container
                .last_state
                .as_ref()
                .and_then(|last| last.terminated.as_ref());
            ended.map_or_else(
                || PodState::Exited {
                    code: 0,
                    again: true,
                    detail: Detail::new(message),
                },
                |ended| exited(ended, true),
            )
        }
        _ => PodState::Starting,
    }
}

/// The kubelet says the cause of a failed pull once as it is, and then inside "Back-off pulling
/// image ...: ErrImagePull: CAUSE": one cause must read as one, or each retry would be news.
fn pull_cause(message: &str) -> &str {
    message
        .split_once(": ErrImagePull: ")
        .map_or(message, |(_, cause)| cause)
}

fn exited(ended: &ContainerStateTerminated, again: bool) -> PodState {
    let words = ended.message.as_deref().unwrap_or_default().trim();
    let reason = match ended.reason.as_deref() {
        None | Some("Error" | "Completed") => "",
        Some(reason) => reason,
    };
    let detail = match (reason.is_empty(), words.is_empty()) {
        (true, _) => words.to_owned(),
        (false, true) => reason.to_owned(),
        (false, false) => format!("{reason}: {words}"),
    };
    PodState::Exited {
        code: ended.exit_code,
        again,
        detail: Detail::new(&detail),
    }
}
