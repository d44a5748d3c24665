//! What one entry of the journal says.

use hivewright_api::MCPServerStatus;

use crate::event::{Event, Severity};

/// What one entry of the journal says about one server.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// Something became true, or the controller did it.
    Event(Event),
    /// All that is true, where it does not follow from the entries before.
    Snapshot(Box<Snapshot>),
    /// The MCPServer is gone.
    Deleted,
}

/// All that is true of a server at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Why it is told.
    pub why: Why,
    /// The status of the MCPServer.
    pub status: MCPServerStatus,
}

/// Why a whole status is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The journal knows nothing of the server, which has a status already.
    Begun,
    /// What the journal knows of the server is not its status: events were missed, or the status
    /// was changed by somebody else.
    Healed,
    /// The events that led to it were removed to keep the journal within its bounds.
    Retention,
}

impl Fact {
    /// A snapshot of this status.
    pub fn snapshot(why: Why, status: MCPServerStatus) -> Self {
        Self::Snapshot(Box::new(Snapshot { why, status }))
    }

    /// Why, as one of a bounded set of words.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Event(event) => event.reason().as_str(),
            Self::Snapshot(snapshot) => match snapshot.why {
                Why::Begun => "JournalBegun",
                Why::Healed => "JournalHealed",
                Why::Retention => "JournalShortened",
            },
            Self::Deleted => "ServerDeleted",
        }
    }

    /// Whether people should be warned.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Event(event) => event.severity(),
            Self::Snapshot(_) | Self::Deleted => Severity::Normal,
        }
    }

    /// The sentence that people read.
    pub fn note(&self) -> String {
        match self {
            Self::Event(event) => event.note(),
            Self::Snapshot(snapshot) => {
                let message = snapshot
                    .status
                    .message
                    .as_deref()
                    .unwrap_or("Nothing is known of the server.");
                let why = match snapshot.why {
                    Why::Begun => "The journal of this server begins",
                    Why::Healed => {
                        "The journal had missed something of this server and knows its status again"
                    }
                    Why::Retention => "Older events of this server were removed",
                };
                format!("{why}: {message}")
            }
            Self::Deleted => "The MCPServer is gone.".to_owned(),
        }
    }
}
