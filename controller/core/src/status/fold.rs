//! The status after an event.

use hivewright_api::status::{LastFailure, MCPServerStatus};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::show::show;
use crate::event::{Event, Severity};
use crate::reason::Reason;
use crate::state::{Component, ServerState};

/// Folds what became true at `at` into the status. Conditions whose status does not change keep
/// their transition time; an event that warns becomes the last failure.
pub fn fold(status: &mut MCPServerStatus, event: &Event, at: Timestamp) {
    fold_all(status, std::slice::from_ref(event), at);
}

/// The same for several events, one after the other. The status is read once: read back after each
/// event it would be the state that it was made from.
pub fn fold_all(status: &mut MCPServerStatus, events: &[Event], at: Timestamp) {
    let at = Time(at);
    let mut state = ServerState::from_status(Some(status));
    for event in events {
        state.fold(event);
        let mut after = show(&state, status, &at);
        if let Some(failure) = failure(event, &at) {
            after.last_failure = Some(failure);
        }
        *status = after;
    }
}

/// A denial of egress is the permission profile at work, not a failure; that of the journal is the
/// controller's and not the server's. A restart is one that was
/// over before anybody could see it, if the process did not end well.
fn failure(event: &Event, at: &Time) -> Option<LastFailure> {
    let failure = |reason: Reason, message, exit_code| LastFailure {
        reason: reason.as_str().to_owned(),
        message,
        exit_code,
        time: at.clone(),
    };
    match (event, event.severity()) {
        (
            Event::Restarts {
                more: 1..,
                cause: Some(cause),
                ..
            },
            _,
        ) if cause.exit_code() != 0 => Some(failure(
            cause.reason(),
            cause.sentence(),
            Some(cause.exit_code()),
        )),
        (Event::Egress(_) | Event::Journal(_), _) | (_, Severity::Normal) => None,
        (_, Severity::Warning) => Some(failure(event.reason(), event.note(), exit_code(event))),
    }
}

fn exit_code(event: &Event) -> Option<i32> {
    match event {
        Event::Backend(backend) => backend.exit_code(),
        Event::Proxy(proxy) => proxy.exit_code(),
        Event::GenerationObserved(_)
        | Event::Accepted
        | Event::Refused(_)
        | Event::Unjudged
        | Event::Terminating(_)
        | Event::Object { .. }
        | Event::ObjectGone { .. }
        | Event::Policy(_)
        | Event::Egress(_)
        | Event::Replicas(_)
        | Event::Restarts { .. }
        | Event::Journal(_)
        | Event::EndpointPublished(_)
        | Event::EndpointWithdrawn
        | Event::Ready
        | Event::NotReady(_)
        | Event::Applied { .. }
        | Event::Deleted { .. } => None,
    }
}
