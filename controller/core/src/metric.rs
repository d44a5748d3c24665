//! What events do to metrics, as typed deltas: names and registries are the controller's.

use crate::event::{Event, Severity};
use crate::part::Part;
use crate::reason::Reason;

/// A change of a metric. Labels are enums, so their number is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delta {
    /// One more event.
    Event {
        /// Label `reason`.
        reason: Reason,
        /// Label `severity`.
        severity: Severity,
    },
    /// One more write that the API server took.
    Write {
        /// Label `part`.
        part: Part,
        /// Label `outcome`.
        outcome: Outcome,
    },
    /// So many more restarts of servers' containers.
    Restarts(u32),
    /// One more server that became ready.
    BecameReady,
    /// One more server that ceased to be ready.
    LostReadiness {
        /// Label `reason`.
        reason: Reason,
    },
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The object was written.
    Applied,
    /// The object was deleted.
    Deleted,
    /// The API server refused.
    Failed,
}

impl Outcome {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Deleted => "deleted",
            Self::Failed => "failed",
        }
    }
}

/// The deltas of this event: always the count of the event itself, and what is its own.
pub fn fold(event: &Event) -> impl Iterator<Item = Delta> {
    let counted = Delta::Event {
        reason: event.reason(),
        severity: event.severity(),
    };
    std::iter::once(counted).chain(own(event))
}

fn own(event: &Event) -> Option<Delta> {
    match event {
        Event::Applied { part } => Some(Delta::Write {
            part: *part,
            outcome: Outcome::Applied,
        }),
        Event::Deleted { part } => Some(Delta::Write {
            part: *part,
            outcome: Outcome::Deleted,
        }),
        Event::Object { part, presence } => match presence.severity() {
            Severity::Warning => Some(Delta::Write {
                part: *part,
                outcome: Outcome::Failed,
            }),
            Severity::Normal => None,
        },
        Event::Restarts { more, .. } => Some(Delta::Restarts(*more)),
        Event::Ready => Some(Delta::BecameReady),
        Event::NotReady(blocker) => Some(Delta::LostReadiness {
            reason: blocker.reason,
        }),
        Event::GenerationObserved(_)
        | Event::Accepted
        | Event::Refused(_)
        | Event::Unjudged
        | Event::Terminating(_)
        | Event::ObjectGone { .. }
        | Event::Policy(_)
        | Event::Egress(_)
        | Event::Backend(_)
        | Event::Replicas(_)
        | Event::Proxy(_)
        | Event::Journal(_)
        | Event::EndpointPublished(_)
        | Event::EndpointWithdrawn => None,
    }
}
