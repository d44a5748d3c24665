//! One MCPServer of the caches, as the page has it.

use hivewright_api::MCPServer;
use hivewright_core::{Phase, ServerState};
use hivewright_page::model::Health;

use crate::key::Key;
use crate::watch::Server;

/// What is shown of a server before anybody is asked.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) key: Key,
    pub(super) health: Health,
    pub(super) sentence: String,
    pub(super) pods: Option<String>,
    pub(super) restarts: u64,
}

impl Known {
    pub(super) fn of(server: &Server) -> Self {
        let key = Key::of(server);
        match &server.0 {
            Ok(server) => Self::read(key, server),
            // Whoever made it has to change it, and nothing else is known.
            Err(error) => Self {
                key,
                health: Health::Failed,
                sentence: format!("The object cannot be read as an MCPServer: {error}."),
                pods: None,
                restarts: 0,
            },
        }
    }

    fn read(key: Key, server: &MCPServer) -> Self {
        let status = server.status.as_ref();
        let state = ServerState::from_status(status);
        let message = status.and_then(|status| status.message.clone());
        Self {
            key,
            health: health(state.phase()),
            sentence: message.unwrap_or_else(|| state.message()),
            pods: status.and_then(|status| status.ready.clone()),
            restarts: u64::from(state.restarts.count),
        }
    }
}

const fn health(phase: Phase) -> Health {
    match phase {
        Phase::Pending => Health::Pending,
        Phase::Ready => Health::Ready,
        Phase::Failed => Health::Failed,
        Phase::Stopped => Health::Stopped,
        Phase::Terminating => Health::Terminating,
    }
}
