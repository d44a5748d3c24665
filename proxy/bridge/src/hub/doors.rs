//! What arrives at the HTTP doors besides bodies: streams, ends of sessions, closed connections.

use super::{
    Hub,
    cx::Cx,
    sessions::{SessionKey, Stage},
    streams::StreamUse,
};
use crate::{
    event::{Bound, CloseReason, Door},
    io::{Output, SessionId, StreamKey},
    protocol::Revision,
    refusal::Refusal,
};

impl Hub {
    /// Finds the session and checks the revision header (MCP 2025-11-25, Streamable HTTP, Session
    /// Management and Protocol Version Header). Refuses the stream if either is wrong.
    pub(super) fn admit(
        &mut self,
        cx: &mut Cx<'_>,
        session: &SessionId,
        version: Option<&str>,
        stream: StreamKey,
    ) -> Option<SessionKey> {
        let Some(key) = self.sessions.find(session) else {
            cx.refuse(stream, Refusal::UnknownSession);
            return None;
        };
        if version.is_some_and(|version| Revision::parse_legacy(version).is_none()) {
            cx.refuse(stream, Refusal::UnsupportedVersion);
            return None;
        }
        self.touch(cx, key);
        Some(key)
    }

    /// Starts the session's idle time anew.
    pub(super) fn touch(&mut self, cx: &Cx<'_>, key: SessionKey) {
        if let Some(session) = self.sessions.get_mut(key) {
            session.last_seen = cx.now;
        }
    }

    /// Why there can be no session of this id now, if so.
    pub(super) fn check_new_session(&self, cx: &mut Cx<'_>, id: &SessionId) -> Result<(), Refusal> {
        let taken = self.sessions.find(id).is_some() || self.waiting.has_id(id);
        let count = self.sessions.len() + self.waiting.len();
        if taken || count >= self.config.limits.max_sessions {
            cx.overflow(Bound::Sessions);
            return Err(Refusal::TooManySessions);
        }
        Ok(())
    }

    /// GET `/sse`.
    pub(super) fn open_sse(&mut self, cx: &mut Cx<'_>, id: SessionId, stream: StreamKey) {
        if let Err(refusal) = self.check_new_session(cx, &id) {
            return cx.refuse(stream, refusal);
        }
        let key = self.sessions.insert(id, Door::Sse, Stage::New, cx.now);
        if let Some(session) = self.sessions.get_mut(key) {
            session.stream = Some(stream);
        }
        self.streams.insert(stream, StreamUse::Sse(key));
        cx.accept(stream);
    }

    /// GET `/mcp`. The newest listener wins: a client that lost its connection opens another one
    /// before the old one is noticed to be dead.
    pub(super) fn listen(&mut self, cx: &mut Cx<'_>, key: SessionKey, stream: StreamKey) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        match session.door {
            Door::Sse | Door::Stateless => cx.refuse(stream, Refusal::WrongDoor),
            Door::Streamable => {
                let replaced = session.stream.replace(stream);
                self.streams.insert(stream, StreamUse::Listener(key));
                if let Some(old) = replaced {
                    self.streams.remove(old);
                    cx.end(old);
                }
                cx.accept(stream);
            }
        }
    }

    /// DELETE `/mcp`.
    pub(super) fn close(&mut self, cx: &mut Cx<'_>, session: &SessionId, stream: StreamKey) {
        let Some(key) = self.sessions.find(session) else {
            return cx.refuse(stream, Refusal::UnknownSession);
        };
        match self.sessions.get(key).map(|session| session.door) {
            Some(Door::Streamable) => {
                self.end_session(cx, key, CloseReason::Deleted);
                cx.accept(stream);
            }
            Some(Door::Sse | Door::Stateless) | None => cx.refuse(stream, Refusal::WrongDoor),
        }
    }

    /// Takes back an `initialize` of Streamable HTTP that waits for the server's handshake: its client
    /// waits elsewhere from now on. Whether it was still waiting; if not, nothing has changed.
    pub fn withdraw(&mut self, stream: StreamKey) -> bool {
        self.waiting.remove_stream(stream) || self.hall.remove(stream)
    }

    /// The client does not read a stream: it is told what it will not get, and the rest is as if it
    /// had closed it.
    pub(super) fn overrun(&mut self, cx: &mut Cx<'_>, stream: StreamKey) {
        let between = self.rounds.asked_on(stream);
        let errors = self.calls.asked_on(stream).chain(between);
        let errors = errors.map(|id| Refusal::NotRead.body(Some(id))).collect();
        cx.out.push(Output::Overrun { stream, errors });
        self.gone(cx, stream);
    }

    /// The client closed a stream. Its calls go on (MCP 2025-11-25, Streamable HTTP: disconnection
    /// is no cancellation), except that an HTTP+SSE session lives as long as its stream.
    pub(super) fn gone(&mut self, cx: &mut Cx<'_>, stream: StreamKey) {
        match self.streams.remove(stream) {
            Some(StreamUse::Answers { .. }) => {}
            Some(StreamUse::Listener(key)) => {
                self.touch(cx, key);
                if let Some(session) = self.sessions.get_mut(key) {
                    session.stream = None;
                }
                self.watch_idle(cx);
            }
            Some(StreamUse::Sse(key)) => self.end_session(cx, key, CloseReason::StreamGone),
            Some(StreamUse::Visit(key)) => self.visit_gone(cx, key),
            None => {
                self.withdraw(stream);
            }
        }
    }
}
