//! The sentence that people read about an event.

use crate::event::Event;
use crate::part::Part;
use crate::state::{Component, Ending, Presence};

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
            Self::Egress(egress) => egress.sentence(),
            Self::Backend(backend) => backend.sentence(),
            Self::Replicas(replicas) => format!(
                "{} of {} pods of the server answer.",
                replicas.ready, replicas.wanted
            ),
            Self::Proxy(proxy) => proxy.sentence(),
            Self::Restarts { count, cause, .. } => restarts_note(*count, cause.as_ref()),
            Self::Journal(journal) => journal.sentence().to_owned(),
            Self::EndpointPublished(endpoint) => format!("Clients connect to {}", endpoint.url),
            Self::EndpointWithdrawn => "Clients can no longer find the server.".to_owned(),
            Self::Ready => "MCP clients are answered.".to_owned(),
            Self::NotReady(blocker) => {
                format!("The server is no longer ready ({}).", blocker.reason)
            }
            Self::Applied { part } => format!("The {} was written.", part.as_str()),
            Self::Deleted { part } => format!("The {} was deleted.", part.as_str()),
        }
    }
}

fn restarts_note(count: u32, cause: Option<&Ending>) -> String {
    let times = match count {
        0 => {
            return "The server's container has not been restarted in its present pods.".to_owned();
        }
        1 => "once".to_owned(),
        count => format!("{count} times"),
    };
    let restarted = format!("The server's container was restarted, {times} in its present pods.");
    match cause {
        None => restarted,
        Some(cause) => format!("{restarted} {}", cause.sentence()),
    }
}

fn object_note(part: Part, presence: &Presence) -> String {
    let part = part.as_str();
    match presence {
        Presence::Missing => format!("The {part} does not exist yet."),
        Presence::Lost => format!("The {part} was deleted by somebody else, and is made again."),
        Presence::Edited => format!("The {part} was edited by somebody else, and is put right."),
        Presence::Outdated => format!("The {part} differs from what it should be."),
        Presence::Current => format!("The {part} is as it should be."),
        Presence::Leftover => format!("The {part} is no longer wanted."),
        Presence::Kept => format!("The {part} is left as it is."),
        Presence::Failed(detail) => {
            format!("The API server refuses the {part}; correct the field that it names{detail}")
        }
    }
}
