//! The hub as `/sessions` and the gauges show it.

use serde::Serialize;

use super::{Hub, Server, sessions::Session};
use crate::{
    event::Door,
    io::{Loss, Now},
    protocol::Revision,
};

/// How much of a session's id is shown: enough to find it in the log, too little to use it.
const ID_PREFIX: usize = 8;

/// Everything, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The server process.
    pub server: ServerSnapshot,
    /// How full the tables are.
    pub counts: Counts,
    /// The sessions, in the order in which they were opened.
    pub sessions: Vec<SessionSnapshot>,
}

/// How full the tables are: gauges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Sessions open.
    pub sessions: usize,
    /// Streams open, of every kind.
    pub streams: usize,
    /// Calls at the server, cancelled ones whose grace is not over included.
    pub pending: usize,
    /// Calls held until a process is initialized.
    pub held: usize,
    /// Their bodies, in bytes.
    pub held_bytes: usize,
    /// Requests of the server that wait for a client's answer.
    pub asks: usize,
    /// Resources with at least one subscriber.
    pub subscriptions: usize,
    /// Requests without a session that are open, parked ones and listens included.
    pub visits: usize,
    /// Calls of such requests that wait for their clients to come back.
    pub parked: usize,
    /// Open `subscriptions/listen` requests.
    pub listens: usize,
}

/// The state of the server side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerPhase {
    /// No process.
    Down,
    /// `initialize` is on its way.
    Handshaking,
    /// Clients are answered.
    Ready,
}

/// The server process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerSnapshot {
    /// Its state.
    pub phase: ServerPhase,
    /// Why the last process went away; none if none did.
    pub last_loss: Option<&'static str>,
    /// `serverInfo.name` of the last good handshake, cut; empty before the first.
    pub name: String,
    /// `serverInfo.version` of the last good handshake, cut; empty before the first.
    pub version: String,
    /// The revision of the last good handshake, if it is one of ours.
    pub revision: Option<&'static str>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionSnapshot {
    /// The beginning of its id: enough to find it in the log, too little to use it.
    pub id_prefix: String,
    /// The door it came through.
    pub door: &'static str,
    /// The revision that was agreed on; none before `initialize`.
    pub revision: Option<&'static str>,
    /// Seconds since it was opened.
    pub age_seconds: u64,
    /// Seconds since its last message.
    pub idle_seconds: u64,
    /// Its calls in flight, held ones included.
    pub pending: usize,
    /// Whether it has a stream for messages that belong to no call.
    pub listening: bool,
}

impl Hub {
    /// How full the tables are. Cheap.
    pub fn counts(&self) -> Counts {
        Counts {
            sessions: self.sessions.len(),
            streams: self.streams.len(),
            pending: self.calls.len() - self.calls.held_len(),
            held: self.calls.held_len() + self.waiting.len() + self.hall.len(),
            held_bytes: self.calls.held_bytes() + self.hall.bytes(),
            asks: self.asks.len() + self.rounds.len(),
            subscriptions: self.subscriptions.len(),
            visits: self.sessions.visits(),
            parked: self.visits.parked(),
            listens: self.listens.len(),
        }
    }

    /// The whole state for `/sessions`. Copies a line per session.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        let named = |(_, session): &(_, &Session)| session.door != Door::Stateless;
        let sessions = self.sessions.iter().filter(named);
        Snapshot {
            server: self.server_snapshot(),
            counts: self.counts(),
            sessions: sessions
                .map(|(_, session)| session_snapshot(session, now))
                .collect(),
        }
    }

    fn server_snapshot(&self) -> ServerSnapshot {
        let kept = self.kept.as_ref();
        ServerSnapshot {
            phase: match self.server {
                Server::Down(_) => ServerPhase::Down,
                Server::Handshaking { .. } => ServerPhase::Handshaking,
                Server::Ready => ServerPhase::Ready,
            },
            last_loss: self.last_loss.map(Loss::reason),
            name: kept
                .map(|kept| String::from(&*kept.name))
                .unwrap_or_default(),
            version: kept
                .map(|kept| String::from(&*kept.version))
                .unwrap_or_default(),
            revision: kept.and_then(|kept| kept.revision).map(Revision::as_str),
        }
    }
}

fn session_snapshot(session: &Session, now: Now) -> SessionSnapshot {
    SessionSnapshot {
        id_prefix: session.id.chars().take(ID_PREFIX).collect(),
        door: session.door.as_str(),
        revision: session.client().map(|client| client.revision.as_str()),
        age_seconds: now.saturating_sub(session.opened).as_secs(),
        idle_seconds: now.saturating_sub(session.last_seen).as_secs(),
        pending: session.calls.len(),
        listening: session.stream.is_some(),
    }
}
