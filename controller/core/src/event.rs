//! What can become true about a server: the one enum that every consumer matches in full.

use std::collections::BTreeMap;

use crate::detail::Detail;
use crate::part::Part;
use crate::reason::Reason;
use crate::refusal::Refusal;
use crate::state::{
    Acceptance, Backend, Blocker, Component, Egress, Ending, Endpoint, Journal, Policy, Presence,
    Proxy, Replicas, Restarts, ServerState,
};
use crate::write::Write;

/// Something that became true, or that the controller did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new generation of the spec was read.
    GenerationObserved(i64),
    /// The spec is accepted.
    Accepted,
    /// The spec is not accepted.
    Refused(Refusal),
    /// The controller has forgotten whether the spec is accepted (its status was emptied).
    Unjudged,
    /// Deletion of the MCPServer has begun, or (false) the object is a new one of the same name.
    Terminating(bool),
    /// An object made for the server is now so.
    Object {
        /// Which object.
        part: Part,
        /// How it is.
        presence: Presence,
    },
    /// An object that existed or should have is neither there nor wanted.
    ObjectGone {
        /// Which object.
        part: Part,
    },
    /// The network rules are now so.
    Policy(Policy),
    /// The egress gateway has now said this.
    Egress(Egress),
    /// The server's pod is now so; of several, the one that is worst off.
    Backend(Backend),
    /// The server now has so many pods.
    Replicas(Replicas),
    /// The proxy's pod is now so.
    Proxy(Proxy),
    /// The number of restarts of the server's container changed.
    Restarts {
        /// The number now.
        count: u32,
        /// How many more than before; 0 if the pod is a new one.
        more: u32,
        /// How the process ended before the last of them.
        cause: Option<Ending>,
    },
    /// The controller's journal is now so.
    Journal(Journal),
    /// Clients can find the server here.
    EndpointPublished(Endpoint),
    /// Clients can no longer find the server.
    EndpointWithdrawn,
    /// The server became ready: an MCP client is answered.
    Ready,
    /// The server is no longer ready.
    NotReady(Blocker),
    /// The controller wrote an object.
    Applied {
        /// Which object.
        part: Part,
    },
    /// The controller deleted an object.
    Deleted {
        /// Which object.
        part: Part,
    },
}

/// Whether people should be warned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// News.
    Normal,
    /// Somebody should look.
    Warning,
}

impl Severity {
    /// The word that Kubernetes uses for the type of an Event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

impl Event {
    /// What the outcome of a write says. `Err` holds the API server's message. A refusal that is
    /// already known (`failures`, as in [`Observed`](crate::Observed)) is not said again.
    pub fn written(
        write: &Write,
        outcome: Result<(), &str>,
        failures: &BTreeMap<Part, String>,
    ) -> Option<Self> {
        let part = write.part();
        match (outcome, write) {
            (Ok(()), Write::Apply { .. } | Write::SeedReplicas { .. }) => {
                Some(Self::Applied { part })
            }
            (Ok(()), Write::Delete { .. }) => Some(Self::Deleted { part }),
            (Err(cause), _) => {
                let known = failures.get(&part).map(|known| Detail::new(known));
                let cause = Detail::new(cause);
                (known.as_ref() != Some(&cause)).then_some(Self::Object {
                    part,
                    presence: Presence::Failed(cause),
                })
            }
        }
    }

    /// Why.
    pub fn reason(&self) -> Reason {
        match self {
            Self::GenerationObserved(_) => Reason::SpecObserved,
            Self::Accepted => Reason::Accepted,
            Self::Refused(refusal) => refusal.reason.into(),
            Self::Unjudged => Reason::NotObserved,
            Self::Terminating(_) => Reason::Terminating,
            Self::Object { presence, .. } => presence.reason(),
            Self::ObjectGone { .. } => Reason::ObjectGone,
            Self::Policy(policy) => policy.reason(),
            Self::Egress(egress) => egress.reason(),
            Self::Backend(backend) => backend.reason(),
            Self::Replicas(_) => Reason::Scaled,
            Self::Proxy(proxy) => proxy.reason(),
            Self::Restarts { .. } => Reason::Restarted,
            Self::Journal(journal) => journal.reason(),
            Self::EndpointPublished(_) => Reason::EndpointPublished,
            Self::EndpointWithdrawn => Reason::EndpointWithdrawn,
            Self::Ready => Reason::Ready,
            Self::NotReady(_) => Reason::NotReady,
            Self::Applied { .. } => Reason::Applied,
            Self::Deleted { .. } => Reason::Deleted,
        }
    }

    /// Whether people should be warned.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Refused(_) => Severity::Warning,
            Self::Object { presence, .. } => presence.severity(),
            Self::Policy(policy) => policy.severity(),
            Self::Egress(egress) => egress.severity(),
            Self::Backend(backend) => backend.severity(),
            Self::Proxy(proxy) => proxy.severity(),
            Self::Journal(journal) => journal.severity(),
            Self::GenerationObserved(_)
            | Self::Accepted
            | Self::Unjudged
            | Self::Terminating(_)
            | Self::ObjectGone { .. }
            | Self::Replicas(_)
            | Self::Restarts { .. }
            | Self::EndpointPublished(_)
            | Self::EndpointWithdrawn
            | Self::Ready
            | Self::NotReady(_)
            | Self::Applied { .. }
            | Self::Deleted { .. } => Severity::Normal,
        }
    }
}

impl Presence {
    /// Why the object is so.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Missing => Reason::ObjectMissing,
            Self::Lost => Reason::ObjectLost,
            Self::Outdated => Reason::ObjectOutdated,
            Self::Edited => Reason::ObjectEdited,
            Self::Current => Reason::ObjectCurrent,
            Self::Leftover => Reason::ObjectLeftover,
            Self::Kept => Reason::ObjectKept,
            Self::Failed(_) => Reason::ApplyFailed,
        }
    }

    /// Whether people should be warned.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::Missing
            | Self::Lost
            | Self::Outdated
            | Self::Edited
            | Self::Current
            | Self::Leftover
            | Self::Kept => Severity::Normal,
            Self::Failed(_) => Severity::Warning,
        }
    }
}

impl ServerState {
    /// The state after this event. `Ready` and `NotReady` follow from the others, and
    /// what the controller did shows in the next observation, so those change nothing here.
    pub fn fold(&mut self, event: &Event) {
        match event.clone() {
            Event::GenerationObserved(generation) => self.generation = generation,
            Event::Accepted => self.acceptance = Acceptance::Accepted,
            Event::Refused(refusal) => self.acceptance = Acceptance::Refused(refusal),
            Event::Unjudged => self.acceptance = Acceptance::NotObserved,
            Event::Terminating(terminating) => self.terminating = terminating,
            Event::Object { part, presence } => {
                self.objects.insert(part, presence);
            }
            Event::ObjectGone { part } => {
                self.objects.remove(&part);
            }
            Event::Policy(policy) => self.policy = policy,
            Event::Egress(egress) => self.egress = egress,
            Event::Backend(backend) => self.backend = backend,
            Event::Replicas(replicas) => self.replicas = replicas,
            Event::Proxy(proxy) => self.proxy = proxy,
            Event::Restarts { count, cause, .. } => self.restarts = Restarts { count, cause },
            Event::Journal(journal) => self.journal = journal,
            Event::EndpointPublished(endpoint) => self.endpoint = Some(endpoint),
            Event::EndpointWithdrawn => self.endpoint = None,
            Event::Ready | Event::NotReady(_) | Event::Applied { .. } | Event::Deleted { .. } => {}
        }
    }
}
