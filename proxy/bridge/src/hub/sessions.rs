//! The table of sessions.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock},
};

use bytes::Bytes;

use super::levels::Level;
use crate::{
    envelope::Capabilities,
    event::Door,
    io::{Now, SessionId, StreamKey},
    protocol::{Era, Revision},
};

/// A session inside the hub: never reused, cheap to compare, ordered by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SessionKey(u64);

impl SessionKey {
    /// Its number, for a client to bring back.
    pub(super) const fn number(self) -> u64 {
        self.0
    }

    /// The key of this number, if there is such a session.
    pub(super) const fn numbered(number: u64) -> Self {
        Self(number)
    }
}

/// What stands for the id of a visit in events: it has none that anybody could use.
pub(super) fn visit_id() -> SessionId {
    static ID: LazyLock<SessionId> = LazyLock::new(|| Arc::from("visit"));
    ID.clone()
}

/// The raw JSON of a request's id. Ids are compared as they are written: `1` and `1.0` are two.
pub(super) type RawId = Arc<[u8]>;

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// An HTTP+SSE connection before `initialize`.
    New,
    /// An HTTP+SSE connection whose `initialize` waits for the server's handshake.
    Opening,
    /// Initialized.
    Open(Client),
}

impl Stage {
    pub(super) const fn is_open(self) -> bool {
        match self {
            Self::New | Self::Opening => false,
            Self::Open(_) => true,
        }
    }
}

/// What the client said in `initialize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Client {
    pub(super) revision: Revision,
    pub(super) capabilities: Capabilities,
}

/// One session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: SessionId,
    pub(super) door: Door,
    pub(super) stage: Stage,
    pub(super) opened: Now,
    pub(super) last_seen: Now,
    /// The GET listener, or the one stream of an HTTP+SSE session.
    pub(super) stream: Option<StreamKey>,
    /// Its calls that wait for an answer, from raw id to minted id.
    pub(super) calls: BTreeMap<RawId, u64>,
    /// Who its client is, as requests to a server of 2026-07-28 say it; see
    /// [`super::modern_server::introduction`].
    pub(super) intro: Bytes,
    /// What it asked for by `logging/setLevel`.
    pub(super) level: Option<Level>,
}

impl Session {
    pub(super) const fn client(&self) -> Option<&Client> {
        match &self.stage {
            Stage::Open(client) => Some(client),
            Stage::New | Stage::Opening => None,
        }
    }

    /// How its client speaks.
    pub(super) const fn era(&self) -> Era {
        match self.door {
            Door::Streamable | Door::Sse => Era::Legacy,
            Door::Stateless => Era::Modern,
        }
    }

    /// Whether the idle timeout does not apply. A visit has its own end.
    pub(super) fn busy(&self) -> bool {
        self.stream.is_some() || !self.calls.is_empty() || self.door == Door::Stateless
    }

    /// Whether it wants a log message of this level. A visit gets none that it did not ask for
    /// (MCP 2026-07-28, Logging), and nothing else that is caused by it either.
    pub(super) fn hears(&self, level: Option<Level>) -> bool {
        match (self.door, level, self.level) {
            (Door::Streamable | Door::Sse | Door::Stateless, Some(level), Some(least)) => {
                level >= least
            }
            (Door::Streamable | Door::Sse, None | Some(_), None | Some(_)) => true,
            (Door::Stateless, None | Some(_), None | Some(_)) => false,
        }
    }
}

/// All sessions, by public id and by key.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    keys: HashMap<SessionId, SessionKey>,
    table: BTreeMap<SessionKey, Session>,
    next: u64,
    visits: usize,
}

impl Sessions {
    /// Adds a session; the caller has checked the bound and that the id is fresh.
    pub(super) fn insert(
        &mut self,
        id: SessionId,
        door: Door,
        stage: Stage,
        now: Now,
    ) -> SessionKey {
        self.next += 1;
        let key = SessionKey(self.next);
        self.keys.insert(id.clone(), key);
        let session = Session {
            id,
            door,
            stage,
            opened: now,
            last_seen: now,
            stream: None,
            calls: BTreeMap::new(),
            intro: Bytes::new(),
            level: None,
        };
        self.table.insert(key, session);
        key
    }

    /// Adds a visit: a session that no client can name.
    pub(super) fn insert_visit(
        &mut self,
        client: Client,
        level: Option<Level>,
        now: Now,
    ) -> SessionKey {
        self.next += 1;
        self.visits += 1;
        let key = SessionKey(self.next);
        let session = Session {
            id: visit_id(),
            door: Door::Stateless,
            stage: Stage::Open(client),
            opened: now,
            last_seen: now,
            stream: None,
            calls: BTreeMap::new(),
            intro: Bytes::new(),
            level,
        };
        self.table.insert(key, session);
        key
    }

    pub(super) fn remove(&mut self, key: SessionKey) -> Option<Session> {
        let session = self.table.remove(&key)?;
        match session.door {
            Door::Stateless => self.visits -= 1,
            Door::Streamable | Door::Sse => {
                self.keys.remove(&session.id);
            }
        }
        Some(session)
    }

    /// Visits that are open.
    pub(super) const fn visits(&self) -> usize {
        self.visits
    }

    pub(super) fn find(&self, id: &SessionId) -> Option<SessionKey> {
        self.keys.get(id).copied()
    }

    pub(super) fn get(&self, key: SessionKey) -> Option<&Session> {
        self.table.get(&key)
    }

    pub(super) fn get_mut(&mut self, key: SessionKey) -> Option<&mut Session> {
        self.table.get_mut(&key)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (SessionKey, &Session)> {
        self.table.iter().map(|(key, session)| (*key, session))
    }

    /// Sessions that clients can name.
    pub(super) fn len(&self) -> usize {
        self.table.len() - self.visits
    }

    /// The only initialized session, if there is exactly one.
    pub(super) fn only_open(&self) -> Option<SessionKey> {
        let mut open = self
            .iter()
            .filter(|(_, session)| session.client().is_some() && session.door != Door::Stateless);
        match (open.next(), open.next()) {
            (Some((key, _)), None) => Some(key),
            (None, None) | (Some(_) | None, Some(_)) => None,
        }
    }
}
