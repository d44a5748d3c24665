//! The proxy's pod.

use super::{Component, PodState, Standing};
use crate::detail::Detail;
use crate::event::Severity;
use crate::reason::Reason;

/// Where the proxy's pod stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Proxy {
    /// There is no Deployment.
    #[default]
    NotCreated,
    /// The spec asks for no pod.
    Stopped,
    /// The container does not run.
    Pod(PodState),
    /// The container runs and its readiness probe fails.
    NotReady,
    /// Clients may connect.
    Ready,
}

impl Component for Proxy {
    fn reason(&self) -> Reason {
        match self {
            Self::NotCreated => Reason::NotCreated,
            Self::Stopped => Reason::Stopped,
            Self::Pod(pod) => pod.reason(),
            Self::NotReady => Reason::ProxyNotReady,
            Self::Ready => Reason::ProxyReady,
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Self::NotCreated | Self::NotReady => Standing::Waiting,
            Self::Stopped => Standing::Stopped,
            Self::Pod(pod) => pod.standing(),
            Self::Ready => Standing::Good,
        }
    }

    fn severity(&self) -> Severity {
        match self {
            Self::NotCreated | Self::Stopped | Self::NotReady | Self::Ready => Severity::Normal,
            Self::Pod(pod) => pod.severity(),
        }
    }

    fn detail(&self) -> Option<&Detail> {
        match self {
            Self::Pod(pod) => pod.detail(),
            Self::NotCreated | Self::Stopped | Self::NotReady | Self::Ready => None,
        }
    }

    fn exit_code(&self) -> Option<i32> {
        match self {
            Self::Pod(pod) => pod.exit_code(),
            Self::NotCreated | Self::Stopped | Self::NotReady | Self::Ready => None,
        }
    }

    fn all(detail: &Detail, code: i32) -> Vec<Self> {
        let mut all = vec![Self::NotCreated, Self::Stopped, Self::NotReady, Self::Ready];
        all.extend(PodState::all(detail, code).into_iter().map(Self::Pod));
        all
    }

    fn sentence(&self) -> String {
        match self {
            Self::NotCreated => "The proxy's Deployment does not exist yet.".to_owned(),
            Self::Stopped => {
                "The spec asks for no proxy; raise spec.replicas to 1 to start it.".to_owned()
            }
            Self::Pod(pod) => pod_sentence(pod),
            Self::NotReady => "The proxy runs and is not ready for clients yet.".to_owned(),
            Self::Ready => "The proxy is ready for clients.".to_owned(),
        }
    }
}

fn pod_sentence(pod: &PodState) -> String {
    match pod {
        PodState::Pending => "The proxy's pod is not scheduled yet; if this lasts, see the events of the Deployment and the pod.".to_owned(),
        PodState::Refused(detail) => format!(
            "The API server refuses the proxy's pod; raise the quota, or set spec.resources so that it keeps to the rules of the namespace{detail}"
        ),
        PodState::Unschedulable(detail) => {
            format!("No node takes the proxy's pod; lower spec.resources or add a node{detail}")
        }
        PodState::Evicted(detail) => format!(
            "The node put the proxy's pod out and it is made again; if this repeats, raise spec.resources.requests to what it uses{detail}"
        ),
        PodState::NodeLost(node) => format!(
            "The node{} of the proxy's pod does not answer; bring it back, or delete the Node so that the pod is made on another at once.",
            node.quoted()
        ),
        PodState::ImagePullFailed(detail) => format!(
            "The proxy's image cannot be pulled; correct the proxy image in the values of the Hivewright chart{detail}"
        ),
        PodState::ContainerConfigError(detail) => {
            format!("The proxy's container cannot be made; see the events of its pod{detail}")
        }
        PodState::Starting => "The proxy's container is being started.".to_owned(),
        PodState::Exited { code, again: false, detail } => {
            format!("The proxy ended with exit code {code} and is started again{detail}")
        }
        PodState::Exited { code, again: true, detail } => format!(
            "The proxy ends again and again, with exit code {code}; see its log{detail}"
        ),
        PodState::OutOfMemory { limit, .. } if limit.is_empty() => "The proxy was killed because its node ran out of memory; set spec.resources.requests.memory, so that a node with room is chosen.".to_owned(),
        PodState::OutOfMemory { limit, .. } => format!(
            "The proxy was killed because it used more memory than its limit of {}; raise spec.resources.limits.memory.",
            limit.as_str()
        ),
        PodState::Terminating => "The proxy's pod is being deleted.".to_owned(),
    }
}
