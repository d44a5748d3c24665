//! What the proxy says of a server whose container runs, through the readiness gate of its pod.

use hivewright_api::GateReason;
use k8s_openapi::api::core::v1::PodCondition;

use super::pod::Running;
use crate::detail::Detail;
use crate::state::{PodState, Story, Unanswered};

/// The main container runs: whether it answers.
pub(super) fn answered(gate: Option<&PodCondition>, container: Running) -> Story {
    let Some(gate) = gate else {
        return Story::Handshaking;
    };
    let reason = GateReason::parse(gate.reason.as_deref().unwrap_or_default());
    if gate.status == "True" {
        return match container {
            Running::Ready => Story::Initialized,
            Running::NotReady => Story::Pod(PodState::Starting),
        };
    }
    let detail = Detail::new(gate.message.as_deref().unwrap_or_default());
    reason.map_or(Story::Handshaking, |reason| closed(reason, detail))
}

fn closed(reason: GateReason, detail: Detail) -> Story {
    let why = match reason {
        // A proxy that leaves makes room for one that asks anew.
        GateReason::Handshaking | GateReason::Initialized | GateReason::Draining => {
            return Story::Handshaking;
        }
        // The container runs again, and the proxy has not met the new process yet.
        GateReason::ProcessExited => return Story::Pod(PodState::Starting),
        GateReason::HandshakeTimeout => Unanswered::HandshakeTimeout,
        GateReason::NotMcp => Unanswered::NotMcp,
        GateReason::NotReading => Unanswered::NotReading,
        GateReason::NotListening => Unanswered::NotListening,
        GateReason::WrongPort => Unanswered::WrongPort,
        GateReason::WrongTransport => Unanswered::WrongTransport,
        GateReason::ConnectionLost => Unanswered::ConnectionLost,
        GateReason::AttachLost => Unanswered::AttachLost,
    };
    Story::Unanswered(why, detail)
}
