//! From the whole state to one word and what stands in the way.

use std::fmt;

use super::{Acceptance, Component, Presence, ServerState};
use crate::reason::Reason;

/// Whether something is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Good,
    /// Not yet, and nobody has to do anything.
    Waiting,
    /// Not without a change by somebody.
    Failed,
}

/// The word in the STATUS column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// On its way.
    Pending,
    /// An MCP client is answered.
    Ready,
    /// Somebody has to change something.
    Failed,
    /// Being deleted.
    Terminating,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Ready, Self::Failed, Self::Terminating];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Ready => "Ready",
            Self::Failed => "Failed",
            Self::Terminating => "Terminating",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What keeps a server from being ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// Why.
    pub reason: Reason,
    /// Whether somebody has to do something about it.
    pub standing: Standing,
    /// Why, as a sentence.
    pub sentence: String,
}

impl ServerState {
    /// The word in the STATUS column.
    pub fn phase(&self) -> Phase {
        if self.terminating {
            return Phase::Terminating;
        }
        match self.blocker().map(|blocker| blocker.standing) {
            None | Some(Standing::Good) => Phase::Ready,
            Some(Standing::Waiting) => Phase::Pending,
            Some(Standing::Failed) => Phase::Failed,
        }
    }

    /// What stands in the way, the root first; `None` when an MCP client is answered.
    pub fn blocker(&self) -> Option<Blocker> {
        self.lifecycle_blocker()
            .or_else(|| self.write_blocker())
            .or_else(|| self.component_blocker())
            .or_else(|| self.endpoint_blocker())
    }

    fn lifecycle_blocker(&self) -> Option<Blocker> {
        if self.terminating {
            let sentence = "The MCPServer is being deleted.".to_owned();
            return Some(Blocker {
                reason: Reason::Terminating,
                standing: Standing::Waiting,
                sentence,
            });
        }
        match &self.acceptance {
            Acceptance::Accepted => None,
            Acceptance::NotObserved => Some(Blocker {
                reason: Reason::NotObserved,
                standing: Standing::Waiting,
                sentence: "The controller has not looked at this server yet.".to_owned(),
            }),
            Acceptance::Refused(refusal) => Some(Blocker {
                reason: refusal.reason.into(),
                standing: Standing::Failed,
                sentence: refusal.to_string(),
            }),
        }
    }

    fn write_blocker(&self) -> Option<Blocker> {
        self.objects
            .iter()
            .find_map(|(part, presence)| match presence {
                Presence::Failed(detail) => Some(Blocker {
                    reason: Reason::ApplyFailed,
                    standing: Standing::Failed,
                    sentence: format!(
                        "The API server refuses the {}; correct the field that it names{detail}",
                        part.as_str()
                    ),
                }),
                Presence::Missing
                | Presence::Outdated
                | Presence::Current
                | Presence::Leftover
                | Presence::Kept => None,
            })
    }

    /// A failure before a mere wait; and the proxy before the server it calls for.
    fn component_blocker(&self) -> Option<Blocker> {
        let (backend, proxy) = (blocker(&self.backend), blocker(&self.proxy));
        let failed = |found: &Option<Blocker>| {
            found
                .as_ref()
                .is_some_and(|b| b.standing == Standing::Failed)
        };
        if failed(&backend) && !failed(&proxy) {
            backend
        } else {
            proxy.or(backend)
        }
    }

    fn endpoint_blocker(&self) -> Option<Blocker> {
        self.endpoint.is_none().then(|| Blocker {
            reason: Reason::EndpointWithdrawn,
            standing: Standing::Waiting,
            sentence: "The proxy's Service does not exist yet.".to_owned(),
        })
    }
}

fn blocker(component: &impl Component) -> Option<Blocker> {
    match component.standing() {
        Standing::Good => None,
        standing @ (Standing::Waiting | Standing::Failed) => Some(Blocker {
            reason: component.reason(),
            standing,
            sentence: component.sentence(),
        }),
    }
}
