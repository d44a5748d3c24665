//! Streams whose clients go away and come back.

use hivewright_bridge::{
    io::{FromClient, Input, Now, SessionId, StreamKey},
    protocol::Revision,
    refusal::Refusal,
    replay::EventId,
};

use super::{Core, Outer};
use crate::driver::{
    Returning, StreamKind,
    kept::{Left, NotResumed},
    stream::{Resumed, StreamReceiver},
};

impl Core {
    /// Makes a stream one that its client can come back to, if its session has such: the first
    /// revision with event ids is 2025-03-26. The session's revision if so.
    pub(in crate::driver) fn keep(
        &mut self,
        (key, kind): (StreamKey, StreamKind),
        session: &SessionId,
        receiver: &StreamReceiver,
    ) -> Option<Revision> {
        let revision = self.hub.streamable(session)?;
        if revision < Revision::V2025_03_26 {
            return None;
        }
        let log = receiver.keep(&self.pool);
        self.kept.insert(key, session.clone(), kind, log);
        Some(revision)
    }

    /// The session and its log say whether a client may come back.
    pub(in crate::driver) fn resume(
        &mut self,
        outer: &Outer<'_>,
        client: &Returning,
        event: EventId,
    ) -> Result<Result<(StreamKind, Resumed), NotResumed>, Refusal> {
        let Returning { session, version } = client;
        self.hub.returned(outer.now, session, version.as_deref())?;
        Ok(self.kept.resume(session, event))
    }

    /// The client has closed this stream: it may come back, or that is its end.
    pub(in crate::driver) fn gone(&mut self, outer: &Outer<'_>, stream: StreamKey, epoch: u32) {
        match self.kept.leave(stream, epoch, outer.now) {
            Left::NotKept => self.end(outer, stream),
            Left::Stays => {}
            Left::Crowded(oldest) => self.end(outer, oldest),
        }
    }

    /// Ends a stream without the hub's doing, for good.
    pub(in crate::driver) fn end(&mut self, outer: &Outer<'_>, stream: StreamKey) {
        self.kept.remove(stream);
        if self.streams.remove(&stream).is_some() {
            self.step(outer, Input::Client(FromClient::Gone { stream }));
        }
    }

    /// Time has passed.
    pub(in crate::driver) fn tick(&mut self, outer: &Outer<'_>) {
        while let Some(stream) = self.kept.expired(outer.now) {
            self.end(outer, stream);
        }
        self.step(outer, Input::Tick);
    }

    /// When something is to be done because time has passed.
    pub(super) fn next_deadline(&self) -> Option<Now> {
        let deadlines = [self.hub.next_deadline(), self.kept.due()];
        deadlines.into_iter().flatten().min()
    }
}
