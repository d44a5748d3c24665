//! The two pods, up to being ready.

use std::sync::Arc;

use hivewright_api::{GateReason, names};
use k8s_openapi::api::core::v1::{Pod, PodCondition};

use super::pod;
use crate::detail::Detail;
use crate::observed::Observed;
use crate::state::{Backend, PodState, Proxy, Unanswered};

/// The server's pod.
pub(super) fn backend(observed: &Observed) -> Backend {
    let Some(set) = observed.objects.stateful_set.as_deref() else {
        return Backend::NotCreated;
    };
    let Some(found) = newest(&observed.pods.server) else {
        let wanted = set
            .spec
            .as_ref()
            .and_then(|spec| spec.replicas)
            .unwrap_or(1);
        return if wanted == 0 {
            Backend::ScaledDown
        } else {
            Backend::Pod(PodState::Pending)
        };
    };
    match pod::read(found, names::MCP_CONTAINER) {
        Err(state) => Backend::Pod(state),
        Ok(running) => answered(pod::condition(found, names::INITIALIZED_GATE), running),
    }
}

/// The main container runs: what the proxy says of it through the readiness gate.
fn answered(gate: Option<&PodCondition>, container: pod::Running) -> Backend {
    let Some(gate) = gate else {
        return Backend::Handshaking;
    };
    let word = gate.reason.as_deref().unwrap_or_default();
    let detail = Detail::new(gate.message.as_deref().unwrap_or_default());
    match (gate.status == "True", GateReason::parse(word)) {
        (true, _) => match container {
            pod::Running::Ready => Backend::Initialized,
            pod::Running::NotReady => Backend::Pod(PodState::Starting),
        },
        (false, Some(GateReason::HandshakeTimeout)) => {
            Backend::Unanswered(Unanswered::HandshakeTimeout, detail)
        }
        (false, Some(GateReason::NotMcp)) => Backend::Unanswered(Unanswered::NotMcp, detail),
        (false, Some(GateReason::NotReading)) => {
            Backend::Unanswered(Unanswered::NotReading, detail)
        }
        (false, Some(GateReason::NotListening)) => {
            Backend::Unanswered(Unanswered::NotListening, detail)
        }
        (false, Some(GateReason::WrongPort)) => Backend::Unanswered(Unanswered::WrongPort, detail),
        (false, Some(GateReason::WrongTransport)) => {
            Backend::Unanswered(Unanswered::WrongTransport, detail)
        }
        (false, Some(GateReason::ConnectionLost)) => {
            Backend::Unanswered(Unanswered::ConnectionLost, detail)
        }
        (false, Some(GateReason::AttachLost | GateReason::Draining)) => {
            Backend::Unanswered(Unanswered::AttachLost, detail)
        }
        // The container runs again, and the proxy has not met the new process yet.
        (false, Some(GateReason::ProcessExited)) => Backend::Pod(PodState::Starting),
        (false, Some(GateReason::Handshaking | GateReason::Initialized) | None) => {
            Backend::Handshaking
        }
    }
}

/// The proxy's pod.
pub(super) fn proxy(observed: &Observed) -> Proxy {
    if observed.objects.deployment.is_none() {
        return Proxy::NotCreated;
    }
    let Some(found) = newest(&observed.pods.proxy) else {
        return Proxy::Pod(PodState::Pending);
    };
    match pod::read(found, names::PROXY_CONTAINER) {
        Err(state) => Proxy::Pod(state),
        Ok(pod::Running::NotReady) => Proxy::NotReady,
        Ok(pod::Running::Ready) => Proxy::Ready,
    }
}

/// How often the server's container was restarted in its present pod.
pub(super) fn restarts(observed: &Observed) -> u32 {
    newest(&observed.pods.server)
        .and_then(|found| pod::container(found, names::MCP_CONTAINER))
        .and_then(|container| u32::try_from(container.restart_count).ok())
        .unwrap_or_default()
}

/// The pod that counts: the youngest, one that stays before one that goes.
fn newest(pods: &[Arc<Pod>]) -> Option<&Pod> {
    pods.iter().map(Arc::as_ref).max_by_key(|pod| {
        let meta = &pod.metadata;
        (
            meta.deletion_timestamp.is_none(),
            meta.creation_timestamp.clone(),
            meta.name.clone(),
        )
    })
}
