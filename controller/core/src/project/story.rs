//! One pod of the server: from what the kubelet says to what the proxy says, and what is known
//! before either says anything.

use hivewright_api::names;
use k8s_openapi::api::core::v1::Pod;

use super::{gate, pod, secrets};
use crate::detail::Detail;
use crate::observed::Observed;
use crate::state::{PodState, Story};
use crate::valid::{Scale, ValidServer};

/// Tells the stories of one server's pods.
pub(super) struct Teller<'a> {
    observed: &'a Observed,
    /// The spec asks for no pod.
    stopped: bool,
    /// A Secret is missing that every new pod needs.
    missing: Option<Story>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(observed: &'a Observed, valid: Option<&ValidServer>) -> Self {
        let known = observed.around.secrets.as_ref();
        Self {
            observed,
            stopped: valid
                .is_some_and(|server| matches!(server.scale, Scale::Stopped | Scale::Fixed(0))),
            missing: valid
                .zip(known)
                .and_then(|(server, known)| secrets::missing(server, known)),
        }
    }

    /// The story when no pod is asked for, if none is.
    pub(super) fn without_pods(&self, wanted: u32) -> Option<Story> {
        let story = if self.stopped {
            return Some(Story::Stopped);
        } else if self.observed.objects.stateful_set.is_none() {
            Story::NotCreated
        } else if wanted == 0 {
            Story::ScaledDown
        } else {
            return None;
        };
        Some(self.missing.clone().unwrap_or(story))
    }

    /// The story of a pod that is wanted and does not exist.
    pub(super) fn of_none(&self) -> Story {
        if let Some(missing) = &self.missing {
            return missing.clone();
        }
        let refused = self.observed.around.refused_pod.as_deref();
        Story::Pod(refused.map_or(PodState::Pending, |cause| {
            PodState::Refused(Detail::new(pod::refusal(cause)))
        }))
    }

    /// The story of this pod.
    pub(super) fn of(&self, found: &Pod) -> Story {
        match pod::read(found, names::MCP_CONTAINER) {
            Err(state) => self.held(state),
            Ok(running) => gate::answered(pod::condition(found, names::INITIALIZED_GATE), running),
        }
    }

    /// The container does not run; a missing Secret explains why, unless something else does that
    /// comes first. A process that ran had its Secrets.
    fn held(&self, state: PodState) -> Story {
        match (state, &self.missing) {
            (
                PodState::Pending | PodState::Starting | PodState::ContainerConfigError(_),
                Some(missing),
            ) => missing.clone(),
            (PodState::ContainerConfigError(words), None) => {
                let told = secrets::told(words.as_str(), self.observed);
                told.unwrap_or(Story::Pod(PodState::ContainerConfigError(words)))
            }
            (state, _) => Story::Pod(state),
        }
    }
}
