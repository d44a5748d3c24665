//! The status after an event.

use hivewright_api::status::{LastFailure, MCPServerStatus};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::show::show;
use crate::event::{Event, Severity};
use crate::state::{Component, ServerState};

/// Folds what became true at `at` into the status. Conditions whose status does not change keep
/// their transition time; an event that warns becomes the last failure.
pub fn fold(status: &mut MCPServerStatus, event: &Event, at: Timestamp) {
    let at = Time(at);
    let mut state = ServerState::from_status(Some(status));
    state.fold(event);
    let mut after = show(&state, status, &at);
    if let Some(failure) = failure(event, &at) {
        after.last_failure = Some(failure);
    }
    *status = after;
}

fn failure(event: &Event, at: &Time) -> Option<LastFailure> {
    match event.severity() {
        Severity::Normal => None,
        Severity::Warning => Some(LastFailure {
            reason: event.reason().as_str().to_owned(),
            message: event.note(),
            exit_code: exit_code(event),
            time: at.clone(),
        }),
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
        | Event::Restarts { .. }
        | Event::EndpointPublished(_)
        | Event::EndpointWithdrawn
        | Event::Ready
        | Event::NotReady(_)
        | Event::Applied { .. }
        | Event::Deleted { .. } => None,
    }
}
