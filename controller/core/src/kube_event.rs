//! Which events become Kubernetes Events, and how they read.

use crate::event::{Event, Severity};
use crate::part::Part;
use crate::reason::Reason;
use crate::state::{Backend, Blocker, Presence, Proxy, Standing, Story};

/// A Kubernetes Event in the shape of `events.k8s.io/v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeEvent {
    /// Normal or Warning.
    pub severity: Severity,
    /// Why.
    pub reason: Reason,
    /// What was done or seen, in the imperative.
    pub action: Action,
    /// The sentence that people read; at most [`MAX_NOTE`] bytes.
    pub note: String,
}

/// Most bytes of a note: the API server refuses more than 1 KiB (`events.k8s.io/v1` validation).
pub const MAX_NOTE: usize = 1024;

/// What the controller was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Judging the spec.
    Validate,
    /// Writing objects.
    Apply,
    /// Watching the pods.
    Observe,
    /// Removing what is no longer wanted.
    Delete,
}

impl Action {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Validate => "Validate",
            Self::Apply => "Apply",
            Self::Observe => "Observe",
            Self::Delete => "Delete",
        }
    }
}

/// The Kubernetes Event for this event, if people looking at the server should see one. Steps on
/// the way to a state that is itself told (an object about to be written, a pod about to start)
/// are left to log and timeline. Of the objects written, those are told that make pods.
pub fn fold(event: &Event) -> Option<KubeEvent> {
    let action = action(event)?;
    Some(KubeEvent {
        severity: event.severity(),
        reason: event.reason(),
        action,
        note: bounded(event.note()),
    })
}

fn action(event: &Event) -> Option<Action> {
    match event {
        Event::Accepted | Event::Refused(_) => Some(Action::Validate),
        Event::Applied {
            part: Part::StatefulSet | Part::Deployment,
        } => Some(Action::Apply),
        Event::Deleted { .. } | Event::Terminating(true) => Some(Action::Delete),
        Event::Object { presence, .. } => match presence {
            Presence::Lost | Presence::Edited | Presence::Failed(_) => Some(Action::Apply),
            Presence::Missing
            | Presence::Outdated
            | Presence::Current
            | Presence::Leftover
            | Presence::Kept => None,
        },
        Event::Backend(Backend {
            story: Story::Initialized | Story::Stopped,
            ..
        })
        | Event::Proxy(Proxy::Ready)
        | Event::Ready
        | Event::NotReady(Blocker {
            standing: Standing::Good | Standing::Waiting | Standing::Failed,
            ..
        })
        | Event::Restarts { more: 1.., .. } => Some(Action::Observe),
        Event::Backend(_)
        | Event::Proxy(_)
        | Event::Policy(_)
        | Event::Egress(_)
        | Event::Journal(_) => warned(event),
        Event::GenerationObserved(_)
        | Event::Unjudged
        | Event::Terminating(false)
        | Event::ObjectGone { .. }
        | Event::Applied { .. }
        | Event::Replicas(_)
        | Event::Restarts { more: 0, .. }
        | Event::NotReady(Blocker {
            standing: Standing::Stopped,
            ..
        })
        | Event::EndpointPublished(_)
        | Event::EndpointWithdrawn => None,
    }
}

fn warned(event: &Event) -> Option<Action> {
    match event.severity() {
        Severity::Normal => None,
        Severity::Warning => Some(Action::Observe),
    }
}

fn bounded(mut note: String) -> String {
    let mut end = note.len().min(MAX_NOTE);
    while !note.is_char_boundary(end) {
        end -= 1;
    }
    note.truncate(end);
    note
}
