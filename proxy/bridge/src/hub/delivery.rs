//! Which stream a message to a client takes.

use bytes::Bytes;

use super::{Hub, cx::Cx, sessions::SessionKey, streams::Settled};
use crate::io::StreamKey;

/// Who waits for an answer, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asker {
    pub(super) session: SessionKey,
    /// The POST that carries the answer; none in an HTTP+SSE session, whose one stream does.
    pub(super) stream: Option<StreamKey>,
}

impl Hub {
    /// Gives an answer on the stream of its request and on no other: the GET stream must not carry
    /// responses (MCP 2025-11-25, Streamable HTTP, Listening for Messages). Whether it went out.
    pub(super) fn give(&mut self, cx: &mut Cx<'_>, asker: Asker, answer: Bytes) -> bool {
        match asker.stream {
            Some(stream) => match self.streams.settle(stream) {
                Settled::Gone => false,
                Settled::More => {
                    cx.client(stream, answer, false);
                    true
                }
                Settled::Last => {
                    cx.client(stream, answer, true);
                    true
                }
            },
            None => self.give_unrelated(cx, asker.session, answer),
        }
    }

    /// Ends what waits for an answer that will never come.
    pub(super) fn give_nothing(&mut self, cx: &mut Cx<'_>, asker: Asker) {
        if let Some(stream) = asker.stream
            && self.streams.settle(stream) == Settled::Last
        {
            cx.end(stream);
        }
    }

    /// The stream for a message about a call: the call's own, or else the session's.
    pub(super) fn related(&self, asker: Asker) -> Option<StreamKey> {
        let own = asker.stream.filter(|stream| self.streams.contains(*stream));
        own.or_else(|| {
            self.sessions
                .get(asker.session)
                .and_then(|session| session.stream)
        })
    }

    /// Gives a message that belongs to no call. Whether the session has a stream for it.
    pub(super) fn give_unrelated(
        &self,
        cx: &mut Cx<'_>,
        session: SessionKey,
        message: Bytes,
    ) -> bool {
        let stream = self
            .sessions
            .get(session)
            .and_then(|session| session.stream);
        if let Some(stream) = stream {
            cx.client(stream, message, false);
        }
        stream.is_some()
    }
}
