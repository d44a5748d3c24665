//! The calls that wait for the server: the pending table.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bytes::Bytes;

use super::{
    levels::Level,
    modern_server::Again,
    sessions::{RawId, SessionKey},
};
use crate::{
    io::{CallKey, Now, SessionId, StreamKey},
    limits::CANCEL_GRACE,
    protocol::{Era, MethodLabel},
};

/// One call, under the id that the bridge minted for it.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) owner: Owner,
    pub(super) method: MethodLabel,
    pub(super) tool: Option<Arc<str>>,
    pub(super) started: Now,
    pub(super) effect: Effect,
    /// The line, while no process is initialized.
    pub(super) held: Option<Bytes>,
    /// For a server of 2026-07-28, which may ask for something before it goes on.
    pub(super) again: Option<Box<Again>>,
}

impl Call {
    /// When the client asked.
    pub(super) fn asked(&self) -> Now {
        self.again
            .as_ref()
            .map_or(self.started, |again| again.first)
    }

    /// What events call it; none if the bridge itself asks.
    pub(super) const fn key(&self) -> Option<CallKey> {
        match &self.owner {
            Owner::Bridge => None,
            Owner::Client(caller) => Some(caller.call),
        }
    }

    fn kept(&self) -> usize {
        self.again.as_ref().map_or(0, |again| again.kept())
    }
}

/// Who asks.
#[derive(Debug)]
pub(super) enum Owner {
    /// The bridge itself, for all sessions. Nobody waits for the answer.
    Bridge,
    /// A client.
    Client(Caller),
}

/// The client that asks.
#[derive(Debug)]
pub(super) struct Caller {
    /// What events call this request.
    pub(super) call: CallKey,
    pub(super) session: SessionKey,
    /// Of the client.
    pub(super) era: Era,
    pub(super) session_id: SessionId,
    pub(super) id: RawId,
    /// The POST that carries the answer; none in an HTTP+SSE session.
    pub(super) stream: Option<StreamKey>,
    /// The raw progress token that the minted id stands for.
    pub(super) token: Option<Bytes>,
}

/// What the call changes in the bridge besides being answered.
#[derive(Clone, Debug)]
pub(super) enum Effect {
    None,
    /// The server's log level becomes this.
    Level(Level),
    /// The server is subscribed to this resource.
    Subscribe(Arc<str>),
}

/// What a session has in the table.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    held: usize,
    /// Sent, or cancelled after it was sent and not yet forgotten.
    at_server: usize,
}

#[derive(Debug)]
struct Ghost {
    session: SessionKey,
    until: Now,
}

/// All calls. Keys are minted ids, which only grow, so the first one is the oldest.
#[derive(Debug, Default)]
pub(super) struct Calls {
    table: BTreeMap<u64, Call>,
    held: BTreeSet<u64>,
    held_bytes: usize,
    /// What calls may be repeated from, in bytes.
    kept_bytes: usize,
    /// Cancelled calls: the server may still work on them, and for their sessions.
    ghosts: BTreeMap<u64, Ghost>,
    ghost_ends: BTreeSet<(Now, u64)>,
    loads: BTreeMap<SessionKey, Load>,
}

impl Calls {
    pub(super) fn insert(&mut self, id: u64, call: Call) {
        if let Owner::Client(caller) = &call.owner {
            let load = self.loads.entry(caller.session).or_default();
            if call.held.is_some() {
                load.held += 1;
            } else {
                load.at_server += 1;
            }
        }
        if let Some(line) = &call.held {
            self.held.insert(id);
            self.held_bytes += line.len();
        }
        self.kept_bytes += call.kept();
        self.table.insert(id, call);
    }

    /// Keeps what a call that is in the table may be repeated from.
    pub(super) fn keep(&mut self, id: u64, again: Again) {
        if let Some(call) = self.table.get_mut(&id) {
            self.kept_bytes += again.kept();
            call.again = Some(Box::new(again));
        }
    }

    /// What calls may be repeated from, in bytes.
    pub(super) const fn kept_bytes(&self) -> usize {
        self.kept_bytes
    }

    pub(super) fn get(&self, id: u64) -> Option<&Call> {
        self.table.get(&id)
    }

    /// The client of a call, to be changed; its session stays.
    pub(super) fn owner_mut(&mut self, id: u64) -> Option<&mut Owner> {
        self.table.get_mut(&id).map(|call| &mut call.owner)
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Call> {
        let call = self.table.remove(&id)?;
        self.kept_bytes -= call.kept();
        if let Some(line) = &call.held {
            self.held.remove(&id);
            self.held_bytes -= line.len();
        }
        if let Owner::Client(caller) = &call.owner {
            let held = call.held.is_some();
            self.unload(caller.session, |load| {
                if held {
                    load.held -= 1;
                } else {
                    load.at_server -= 1;
                }
            });
        }
        Some(call)
    }

    fn unload(&mut self, session: SessionKey, change: impl FnOnce(&mut Load)) {
        if let Some(load) = self.loads.get_mut(&session) {
            change(load);
            if load.held == 0 && load.at_server == 0 {
                self.loads.remove(&session);
            }
        }
    }

    /// Takes the line of a held call, which is at the server from now on.
    pub(super) fn release(&mut self, id: u64) -> Option<Bytes> {
        let call = self.table.get_mut(&id)?;
        let line = call.held.take()?;
        self.held.remove(&id);
        self.held_bytes -= line.len();
        if let Owner::Client(caller) = &call.owner
            && let Some(load) = self.loads.get_mut(&caller.session)
        {
            load.held -= 1;
            load.at_server += 1;
        }
        Some(line)
    }

    /// Remembers a call that was cancelled at the server, for the grace period.
    pub(super) fn haunt(&mut self, id: u64, session: SessionKey, now: Now) {
        let until = now + CANCEL_GRACE;
        self.ghosts.insert(id, Ghost { session, until });
        self.ghost_ends.insert((until, id));
        self.loads.entry(session).or_default().at_server += 1;
    }

    /// Forgets a cancelled call. Whether there was one.
    pub(super) fn exorcise(&mut self, id: u64) -> bool {
        let Some(ghost) = self.ghosts.remove(&id) else {
            return false;
        };
        self.ghost_ends.remove(&(ghost.until, id));
        self.unload(ghost.session, |load| load.at_server -= 1);
        true
    }

    /// Calls of this session, cancelled ones included: they cost the server as much.
    pub(super) fn load(&self, session: SessionKey) -> usize {
        self.loads
            .get(&session)
            .map_or(0, |load| load.held + load.at_server)
    }

    /// The session of all calls at the server, if it is one and the same.
    pub(super) fn only_session(&self) -> Option<SessionKey> {
        self.only_session_of(|_| true)
    }

    /// The session of all calls at the server that count, if it is one and the same.
    pub(super) fn only_session_of(
        &self,
        counts: impl Fn(SessionKey) -> bool,
    ) -> Option<SessionKey> {
        let mut at_server = self
            .loads
            .iter()
            .filter(|(session, load)| load.at_server > 0 && counts(**session));
        match (at_server.next(), at_server.next()) {
            (Some((session, _)), None) => Some(*session),
            (None, None) | (Some(_) | None, Some(_)) => None,
        }
    }

    /// This session's calls at the server, the most recent first.
    pub(super) fn sent_of(&self, session: SessionKey) -> impl Iterator<Item = &Caller> {
        self.table
            .values()
            .rev()
            .filter(|call| call.held.is_none())
            .filter_map(move |call| match &call.owner {
                Owner::Client(caller) => (caller.session == session).then_some(caller),
                Owner::Bridge => None,
            })
    }

    /// The ids of the calls that are to be answered on this stream, as their client wrote them.
    pub(super) fn asked_on(&self, stream: StreamKey) -> impl Iterator<Item = &RawId> {
        self.table
            .values()
            .filter_map(move |call| match &call.owner {
                Owner::Client(caller) => (caller.stream == Some(stream)).then_some(&caller.id),
                Owner::Bridge => None,
            })
    }

    /// Forgets everything that was at the server; gives the calls that wait for an answer.
    pub(super) fn drain_sent(&mut self) -> Vec<Call> {
        let sent: Vec<u64> = self
            .table
            .iter()
            .filter(|(_, call)| call.held.is_none())
            .map(|(id, _)| *id)
            .collect();
        let lost = sent.into_iter().filter_map(|id| self.remove(id)).collect();
        let ghosts: Vec<u64> = self.ghosts.keys().copied().collect();
        for id in ghosts {
            self.exorcise(id);
        }
        lost
    }

    /// The calls with these ids at the server that came since then.
    pub(super) fn sent_since(&self, since: Now, ids: std::ops::Range<u64>) -> Vec<u64> {
        let sent = self.table.range(ids);
        sent.filter(|(_, call)| call.held.is_none() && call.started >= since)
            .map(|(id, _)| *id)
            .collect()
    }

    /// The oldest held call and when it came.
    pub(super) fn oldest_held(&self) -> Option<(u64, Now)> {
        let id = *self.held.first()?;
        self.table.get(&id).map(|call| (id, call.started))
    }

    /// The oldest call and when it came.
    pub(super) fn oldest(&self) -> Option<(u64, Now)> {
        self.table
            .first_key_value()
            .map(|(id, call)| (*id, call.started))
    }

    /// The cancelled call whose grace ends first, and when.
    pub(super) fn oldest_ghost(&self) -> Option<(u64, Now)> {
        self.ghost_ends.first().map(|(until, id)| (*id, *until))
    }

    pub(super) fn held_ids(&self) -> Vec<u64> {
        self.held.iter().copied().collect()
    }

    /// All calls, cancelled ones included.
    pub(super) fn len(&self) -> usize {
        self.table.len() + self.ghosts.len()
    }

    pub(super) fn held_len(&self) -> usize {
        self.held.len()
    }

    pub(super) const fn held_bytes(&self) -> usize {
        self.held_bytes
    }
}
