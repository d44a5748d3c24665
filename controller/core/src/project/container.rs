//! What the kubelet says about one container.

use hivewright_api::names;
use k8s_openapi::api::core::v1::{
    ContainerStateTerminated, ContainerStateWaiting, ContainerStatus, Pod,
};

use super::pod::{self, Running};
use crate::detail::Detail;
use crate::state::{Ending, PodState, Restarts};

/// The main container: running, or what keeps it from that.
pub(super) fn read(pod: &Pod, status: &ContainerStatus) -> Result<Running, PodState> {
    let state = status.state.as_ref();
    if let Some(ended) = state.and_then(|state| state.terminated.as_ref()) {
        return Err(ending(pod, status, ended).pod());
    }
    match state.and_then(|state| state.running.as_ref()) {
        Some(_) if status.ready => Ok(Running::Ready),
        Some(_) => Ok(Running::NotReady),
        None => {
            let waiting = state.and_then(|state| state.waiting.as_ref());
            Err(waiting.map_or(PodState::Starting, |waiting| held(pod, status, waiting)))
        }
    }
}

/// What is wrong with an init container, named as one; nothing while it does its work.
pub(super) fn trouble(pod: &Pod, status: &ContainerStatus) -> Option<PodState> {
    let state = status.state.as_ref()?;
    let found = if let Some(ended) = &state.terminated {
        (ended.exit_code != 0).then(|| ending(pod, status, ended).pod())?
    } else {
        held(pod, status, state.waiting.as_ref()?)
    };
    let named = |words: &Detail| {
        Detail::new(&format!(
            "init container {}: {}",
            status.name,
            words.as_str()
        ))
    };
    match found {
        PodState::ImagePullFailed(detail) => Some(PodState::ImagePullFailed(named(&detail))),
        PodState::ContainerConfigError(detail) => {
            Some(PodState::ContainerConfigError(named(&detail)))
        }
        PodState::Exited {
            code,
            again,
            detail,
        } => Some(PodState::Exited {
            code,
            again,
            detail: named(&detail),
        }),
        // The sentence speaks of the container `mcp`.
        PodState::OutOfMemory { code, .. } => Some(PodState::Exited {
            code,
            again: false,
            detail: named(&Detail::new("OOMKilled")),
        }),
        PodState::Pending
        | PodState::Refused(_)
        | PodState::Unschedulable(_)
        | PodState::Evicted(_)
        | PodState::NodeLost(_)
        | PodState::Starting
        | PodState::Terminating => None,
    }
}

/// Restarts of the server's container in these pods, and how the last process of it ended.
pub(super) fn restarts(pods: &[&Pod]) -> Restarts {
    let staying = pods
        .iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none());
    let found: Vec<(&Pod, &ContainerStatus)> = staying
        .filter_map(|pod| Some((*pod, pod::container(pod, names::MCP_CONTAINER)?)))
        .collect();
    let last = found
        .iter()
        .filter(|(_, status)| status.restart_count > 0)
        .filter_map(|(pod, status)| Some((*pod, *status, before(status)?)))
        .max_by_key(|(_, _, ended)| ended.finished_at.clone());
    let counts = found
        .iter()
        .filter_map(|(_, status)| u32::try_from(status.restart_count).ok());
    Restarts {
        count: counts.fold(0, u32::saturating_add),
        cause: last.map(|(pod, status, ended)| ending(pod, status, ended)),
    }
}

/// How the process ended that ran before.
fn before(status: &ContainerStatus) -> Option<&ContainerStateTerminated> {
    status.last_state.as_ref()?.terminated.as_ref()
}

/// Why the kubelet holds a container back. The reasons are those of the kubelet's image manager
/// and container manager (`pkg/kubelet/images`, `pkg/kubelet/kuberuntime`).
fn held(pod: &Pod, status: &ContainerStatus, waiting: &ContainerStateWaiting) -> PodState {
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
        "CrashLoopBackOff" => backing_off(pod, status, message),
        _ => PodState::Starting,
    }
}

fn backing_off(pod: &Pod, status: &ContainerStatus, message: &str) -> PodState {
    match before(status).map(|ended| ending(pod, status, ended)) {
        Some(Ending::OutOfMemory { code, limit }) => PodState::OutOfMemory { code, limit },
        Some(Ending::Exited { code, detail }) => PodState::Exited {
            code,
            again: true,
            detail,
        },
        None => PodState::Exited {
            code: 0,
            again: true,
            detail: Detail::new(message),
        },
    }
}

/// The kubelet says the cause of a failed pull once as it is, and then inside "Back-off pulling
/// image ...: ErrImagePull: CAUSE": one cause must read as one, or each retry would be news.
fn pull_cause(message: &str) -> &str {
    message
        .split_once(": ErrImagePull: ")
        .map_or(message, |(_, cause)| cause)
}

/// The runtime knows only "Error", "Completed" and, for a kill by the kernel, "OOMKilled".
fn ending(pod: &Pod, status: &ContainerStatus, ended: &ContainerStateTerminated) -> Ending {
    let code = ended.exit_code;
    let words = ended.message.as_deref().unwrap_or_default().trim();
    let detail = match ended.reason.as_deref() {
        Some("OOMKilled") => {
            let limit = memory_limit(pod, &status.name).unwrap_or_default();
            return Ending::OutOfMemory {
                code,
                limit: Detail::new(&limit),
            };
        }
        None | Some("Error" | "Completed") => words.to_owned(),
        Some(reason) if words.is_empty() => reason.to_owned(),
        Some(reason) => format!("{reason}: {words}"),
    };
    Ending::Exited {
        code,
        detail: Detail::new(&detail),
    }
}

fn memory_limit(pod: &Pod, name: &str) -> Option<String> {
    let containers = &pod.spec.as_ref()?.containers;
    let container = containers.iter().find(|container| container.name == name)?;
    let limits = container.resources.as_ref()?.limits.as_ref()?;
    Some(limits.get("memory")?.0.clone())
}
