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
    /// No, and that is what was asked for.
    Stopped,
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
    /// Not running, as the spec asks.
    Stopped,
    /// Being deleted.
    Terminating,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Ready,
        Self::Failed,
        Self::Stopped,
        Self::Terminating,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Ready => "Ready",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
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
            Some(Standing::Stopped) => Phase::Stopped,
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
                standing: Standing::Stopped,
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
                | Presence::Lost
                | Presence::Outdated
                | Presence::Edited
                | Presence::Current
                | Presence::Leftover
                | Presence::Kept => None,
            })
    }

    /// A failure before what the spec asks for, that before a mere wait; and the proxy before the
    /// server it calls for. One pod that answers is enough.
    fn component_blocker(&self) -> Option<Blocker> {
        let stopped = self.backend.standing() == Standing::Stopped;
        let backend = (self.replicas.ready == 0 || stopped).then(|| blocker(&self.backend));
        let found = [blocker(&self.proxy), backend.flatten()];
        let rank = |blocker: &Blocker| match blocker.standing {
            Standing::Good | Standing::Waiting => 2,
            Standing::Stopped => 1,
            Standing::Failed => 0,
        };
        found.into_iter().flatten().min_by_key(rank)
    }

    /// One sentence: why the server is not ready, or how ready it is.
    pub fn message(&self) -> String {
        match self.blocker() {
            Some(blocker) => blocker.sentence,
            None if self.replicas.partly() && self.backend.standing() != Standing::Good => format!(
                "MCP clients are answered by {} of {} pods. {}",
                self.replicas.ready,
                self.replicas.wanted,
                self.backend.sentence()
            ),
            None => "MCP clients are answered.".to_owned(),
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
        standing @ (Standing::Waiting | Standing::Stopped | Standing::Failed) => Some(Blocker {
            reason: component.reason(),
            standing,
            sentence: component.sentence(),
        }),
    }
}
