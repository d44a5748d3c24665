//! Clients whose `initialize` waits for the server's own handshake.

use std::collections::VecDeque;

use bytes::Bytes;

use super::sessions::{Client, RawId, SessionKey};
use crate::io::{Now, SessionId, StreamKey};

/// One waiting client.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) who: Who,
    pub(super) id: RawId,
    pub(super) client: Client,
    /// See [`super::sessions::Session::intro`].
    pub(super) intro: Bytes,
    pub(super) since: Now,
}

/// Where its session is.
#[derive(Clone, Debug)]
pub(super) enum Who {
    /// Streamable HTTP: the session opens with the answer.
    Streamable {
        /// The fresh id.
        session: SessionId,
        /// The POST.
        stream: StreamKey,
    },
    /// HTTP+SSE: the session is there already.
    Sse(SessionKey),
}

/// The queue, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Waiting(VecDeque<Waiter>);

impl Waiting {
    pub(super) fn push(&mut self, waiter: Waiter) {
        self.0.push_back(waiter);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn oldest(&self) -> Option<Now> {
        self.0.front().map(|waiter| waiter.since)
    }

    pub(super) fn pop(&mut self) -> Option<Waiter> {
        self.0.pop_front()
    }

    pub(super) fn take(&mut self) -> VecDeque<Waiter> {
        std::mem::take(&mut self.0)
    }

    /// The client closed its POST. Whether it was waiting.
    pub(super) fn remove_stream(&mut self, gone: StreamKey) -> bool {
        let before = self.0.len();
        self.0.retain(|waiter| match &waiter.who {
            Who::Streamable { stream, .. } => *stream != gone,
            Who::Sse(_) => true,
        });
        before != self.0.len()
    }

    pub(super) fn remove_session(&mut self, gone: SessionKey) {
        self.0.retain(|waiter| match &waiter.who {
            Who::Streamable { .. } => true,
            Who::Sse(session) => *session != gone,
        });
    }

    /// Whether this id is promised to a session that is about to open.
    pub(super) fn has_id(&self, id: &SessionId) -> bool {
        self.0.iter().any(|waiter| match &waiter.who {
            Who::Streamable { session, .. } => session == id,
            Who::Sse(_) => false,
        })
    }
}
