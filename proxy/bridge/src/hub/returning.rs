//! What a driver asks before a client reads a stream of its session on.

use super::{Hub, sessions::Session};
use crate::{
    event::Door,
    io::{Now, SessionId},
    protocol::Revision,
    refusal::Refusal,
};

impl Hub {
    /// The revision of an open session of Streamable HTTP; none for any other id.
    pub fn streamable(&self, session: &SessionId) -> Option<Revision> {
        let session = self.session(session)?;
        let client = session
            .client()
            .filter(|_| session.door == Door::Streamable);
        client.map(|client| client.revision)
    }

    /// A client of this session is back for one of its streams (MCP 2025-11-25, Streamable HTTP,
    /// Resumability and Redelivery). That is activity, and it is checked as any other request is.
    ///
    /// # Errors
    /// The refusal that any request with these headers would get.
    pub fn returned(
        &mut self,
        now: Now,
        session: &SessionId,
        version: Option<&str>,
    ) -> Result<(), Refusal> {
        let key = self.sessions.find(session);
        let found = key.and_then(|key| self.sessions.get_mut(key));
        let found = found.ok_or(Refusal::UnknownSession)?;
        if version.is_some_and(|version| Revision::parse_legacy(version).is_none()) {
            return Err(Refusal::UnsupportedVersion);
        }
        match found.door {
            Door::Streamable => found.last_seen = now,
            Door::Sse | Door::Stateless => return Err(Refusal::WrongDoor),
        }
        Ok(())
    }

    fn session(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.get(self.sessions.find(id)?)
    }
}
