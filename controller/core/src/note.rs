//! The sentence that people read about an event.

use crate::event::Event;
use crate::part::Part;
use crate::state::{Component, Presence};

impl Event {
    /// The sentence that people read: in Kubernetes Events, log and timeline.
    pub fn note(&self) -> String {
        match self {
            Self::GenerationObserved(generation) => {
                format!("Generation {generation} of the spec was read.")
            }
            Self::Accepted => "The spec is accepted.".to_owned(),
            Self::Refused(refusal) => format!("{refusal} (what runs is left as it is)"),
            Self::Unjudged => "The spec has not been judged.".to_owned(),
            Self::Terminating(true) => "The MCPServer is being deleted.".to_owned(),
            Self::Terminating(false) => "The MCPServer is not being deleted.".to_owned(),
            Self::Object { part, presence } => object_note(*part, presence),
            Self::ObjectGone { part } => format!("The {} is gone.", part.as_str()),
            Self::Policy(policy) => policy.sentence(),
            Self::Backend(backend) => backend.sentence(),
            Self::Proxy(proxy) => proxy.sentence(),
            Self::Restarts { count, .. } => {
                format!("The server's container has been restarted {count} times in this pod.")
            }
            Self::EndpointPublished(endpoint) => format!("Clients connect to {}", endpoint.url),
            Self::EndpointWithdrawn => "Clients can no longer find the server.".to_owned(),
            Self::Ready => "MCP clients are answered.".to_owned(),
            Self::NotReady(blocker) => blocker.sentence.clone(),
            Self::Applied { part } => format!("The {} was written.", part.as_str()),
            Self::Deleted { part } => format!("The {} was deleted.", part.as_str()),
        }
    }
}

fn object_note(part: Part, presence: &Presence) -> String {
    let part = part.as_str();
    match presence {
        Presence::Missing => format!("The {part} does not exist yet."),
        Presence::Outdated => format!("The {part} differs from what it should be."),
        Presence::Current => format!("The {part} is as it should be."),
        Presence::Leftover => format!("The {part} is no longer wanted."),
        Presence::Kept => format!("The {part} is left as it is."),
        Presence::Failed(detail) => {
            format!("The API server refuses the {part}; correct the field that it names{detail}")
        }
    }
}
