//! Which session caused what the server does on its own.
//!
//! A stdio message of the server does not say which of our sessions it is about. While all calls at
//! the server are of one session, it can only be that one. Cancelled calls count until their grace
//! is over, since the server may still work on them. In every other case nobody is named: a wrong
//! guess would show one client's data to another.
//!
//! A process that is for one session at a time ([`HubConfig::exclusive`](super::HubConfig)) has no
//! other candidate: what it does while no call is in flight is of that session too.

use super::{
    Hub,
    calls::{Call, Owner},
    delivery::Asker,
    sessions::SessionKey,
};
use crate::{
    envelope::{self, Message},
    event::Door,
    modern::{
        input::REQUEST_ID,
        object::{members, only},
    },
    protocol::Era,
};

impl Hub {
    /// The session that must have caused it: by its calls, or because the process is its own.
    pub(super) fn cause(&self) -> Option<Asker> {
        self.caller(|_| true).or_else(|| self.tenant())
    }

    /// The session that must have caused a request of the server. A visit that is put to the server
    /// in its own revision cannot have: there such requests are results.
    pub(super) fn cause_of_ask(&self) -> Option<Asker> {
        let translated = self.visit_era() == Era::Legacy;
        let stays = |key| {
            let session = self.sessions.get(key);
            session.is_none_or(|session| session.door != Door::Stateless)
        };
        self.caller(|key| translated || stays(key))
            .or_else(|| self.tenant())
    }

    fn tenant(&self) -> Option<Asker> {
        let owned = self.config.exclusive;
        owned.then(|| self.owner()).flatten()
    }

    /// The only session of a process that is for one at a time, unless calls are in flight that are
    /// not its own.
    fn owner(&self) -> Option<Asker> {
        let session = self.sessions.only_open()?;
        let quiet = self.calls.len() == 0 || self.calls.only_session() == Some(session);
        quiet.then_some(Asker {
            session,
            stream: None,
        })
    }

    /// The session that all calls are of, with the most recent of them that has an open stream.
    /// None if there are several candidates, none, or only cancelled calls. `may`: who is one.
    fn caller(&self, may: impl Fn(SessionKey) -> bool) -> Option<Asker> {
        let session = self.calls.only_session_of(may)?;
        let mut calls = self.calls.sent_of(session).peekable();
        calls.peek()?;
        let stream = calls
            .filter_map(|caller| caller.stream)
            .find(|stream| self.streams.contains(*stream));
        Some(Asker { session, stream })
    }

    /// Who waits for this call. Nobody if it is over: what was named is then of no other either.
    pub(super) fn cause_of_call(&self, named: u64) -> Option<Asker> {
        match self.calls.get(named) {
            Some(Call {
                owner: Owner::Client(caller),
                held: None,
                ..
            }) => Some(Asker {
                session: caller.session,
                stream: caller
                    .stream
                    .filter(|stream| self.streams.contains(*stream)),
            }),
            Some(_) | None => None,
        }
    }

    /// The session that `roots/list` is about: the one that caused it, or the only one there is.
    /// Roots are asked for after `notifications/initialized` and `roots/list_changed` too, when no
    /// call is in flight.
    pub(super) fn cause_of_roots(&self) -> Option<Asker> {
        self.cause_of_ask().or_else(|| {
            let idle = self.calls.len() == 0;
            let session = if idle {
                self.sessions.only_open()
            } else {
                None
            };
            session.map(|session| Asker {
                session,
                stream: None,
            })
        })
    }
}

/// The call that a message of the server names itself, by our id of it, in its `_meta`. Such a
/// server can be shared by clients that are asked at the same time.
pub(super) fn named_call(line: &[u8]) -> Option<u64> {
    memchr::memmem::find(line, REQUEST_ID.as_bytes())?;
    let params = match envelope::peek(line).ok()? {
        Message::Request(request) => request.params,
        Message::Notification(note) => note.params,
        Message::Response(_) => None,
    };
    let all = members(params?)?;
    let meta = members(only(&all, "_meta").ok()??)?;
    only(&meta, REQUEST_ID).ok()??.integer()
}
