//! How the story of a pod reads when it is the server's.

use super::PodState;

/// One sentence that says what to change, if anything.
pub(super) fn sentence(pod: &PodState) -> String {
    match pod {
        PodState::Pending => "The server's pod is not scheduled yet; if this lasts, see the events of the StatefulSet and the pod.".to_owned(),
        PodState::Refused(detail) => format!(
            "The API server refuses the server's pod; raise the quota, or correct spec.podTemplateSpec so that it keeps to the rules of the namespace{detail}"
        ),
        PodState::Unschedulable(detail) => format!(
            "No node takes the server's pod; lower the requests in spec.podTemplateSpec, correct its nodeSelector, affinity or tolerations, or add a node{detail}"
        ),
        PodState::Evicted(detail) => format!(
            "The node put the server's pod out and it is made again; if this repeats, give the container `mcp` requests in spec.podTemplateSpec that match what it uses{detail}"
        ),
        PodState::NodeLost(node) => format!(
            "The node{} of the server's pod does not answer; bring it back, or delete the Node so that the pod is made on another.",
            node.quoted()
        ),
        PodState::ImagePullFailed(detail) => format!(
            "The image cannot be pulled; correct spec.image, or make it pullable by imagePullSecrets in spec.podTemplateSpec{detail}"
        ),
        PodState::ContainerConfigError(detail) => format!(
            "The server's container cannot be made; correct what spec.podTemplateSpec refers to{detail}"
        ),
        PodState::Starting => "The server's container is being started.".to_owned(),
        PodState::Exited { code, again: false, detail } => {
            format!("The server's process ended with exit code {code} and is started again{detail}")
        }
        PodState::Exited { code, again: true, detail } => format!(
            "The server's process ends again and again, with exit code {code}; an MCP server keeps running while it is connected: correct spec.image, spec.args or spec.env{detail}"
        ),
        PodState::OutOfMemory { limit, .. } if limit.is_empty() => "The server was killed because its node ran out of memory; set resources.requests.memory of the container `mcp` in spec.podTemplateSpec, so that a node with room is chosen.".to_owned(),
        PodState::OutOfMemory { limit, .. } => format!(
            "The server was killed because it used more memory than its limit of {}; raise resources.limits.memory of the container `mcp` in spec.podTemplateSpec.",
            limit.as_str()
        ),
        PodState::Terminating => "The server's pod is being deleted.".to_owned(),
    }
}
