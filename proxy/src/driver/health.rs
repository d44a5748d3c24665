//! How the server is, for the backend task, `/ready` and `/sessions`.

use std::sync::Arc;

use hivewright_bridge::{event::HubEvent, io::Loss, protocol::Revision};

/// State of the server process as the driver sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerHealth {
    /// There has been no process yet.
    Down,
    /// A process is up and has not answered `initialize` yet.
    Handshaking,
    /// Clients are being answered.
    Initialized(ServerInfo),
    /// The last process is lost or must be dropped. The reason of the first sign stands.
    Failed(Loss),
}

/// What the server said about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerInfo {
    /// `serverInfo.name`, cut.
    pub name: Arc<str>,
    /// `serverInfo.version`, cut.
    pub version: Arc<str>,
    /// The revision that it chose; none if it is none of ours.
    pub revision: Option<Revision>,
}

impl ServerHealth {
    /// Whether the server is initialized.
    pub const fn is_up(&self) -> bool {
        match self {
            Self::Initialized(_) => true,
            Self::Down | Self::Handshaking | Self::Failed(_) => false,
        }
    }

    /// A bounded label.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Handshaking => "handshaking",
            Self::Initialized(_) => "initialized",
            Self::Failed(_) => "failed",
        }
    }
}

/// The health that an event brings about, if any. Losses are not read from events: the driver knows
/// them from inputs and from `DropServer`, whichever comes first.
pub(super) fn after(event: &HubEvent) -> Option<ServerHealth> {
    match event {
        HubEvent::ServerInitialized {
            name,
            version,
            revision,
            ..
        } => Some(ServerHealth::Initialized(ServerInfo {
            name: name.clone(),
            version: version.clone(),
            revision: *revision,
        })),
        HubEvent::SessionOpened { .. }
        | HubEvent::SessionClosed { .. }
        | HubEvent::RequestStarted { .. }
        | HubEvent::RequestSent { .. }
        | HubEvent::RequestFinished { .. }
        | HubEvent::AskStarted { .. }
        | HubEvent::AskFinished { .. }
        | HubEvent::NotificationForwarded { .. }
        | HubEvent::MessageDropped { .. }
        | HubEvent::GarbageDropped { .. }
        | HubEvent::Overflow { .. }
        | HubEvent::Refused { .. }
        | HubEvent::HandshakeStarted
        | HubEvent::HandshakeFailed { .. }
        | HubEvent::ServerLost { .. } => None,
    }
}
