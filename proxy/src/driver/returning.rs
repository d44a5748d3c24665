//! Clients that come back to a stream.

use std::sync::Arc;

use hivewright_bridge::{
    io::SessionId,
    refusal::Refusal,
    replay::{EventId, Origin, Unresumable},
};

use super::{Bridge, ClientStream, StreamKind, kept::NotResumed};
use crate::{log, metrics::Resumption};

/// A client that wants to read a stream on.
#[derive(Clone, Debug)]
pub struct Returning {
    /// Value of `Mcp-Session-Id`.
    pub session: SessionId,
    /// Value of `MCP-Protocol-Version`, if sent.
    pub version: Option<Arc<str>>,
}

/// Why a client may not read a stream on.
#[derive(Debug)]
pub enum NotBack {
    /// Its session may not, as for any other request.
    Refused(Refusal),
    /// The stream cannot be read on from there.
    NotResumed(NotResumed),
    /// It was a listener that cannot be read on any more; it may be followed by a new one.
    Lost,
    /// It has read this stream to its end; a listener may be followed by a new one.
    Over(StreamKind),
}

impl NotBack {
    fn new(event: EventId, why: NotResumed) -> Self {
        match (event.origin, why) {
            (Origin::Get, NotResumed::NotKept | NotResumed::Unresumable(Unresumable::FellOut)) => {
                Self::Lost
            }
            // No client that only repeats what it was given says this.
            (Origin::Get, NotResumed::Unresumable(Unresumable::NeverGiven))
            | (Origin::Post, NotResumed::NotKept | NotResumed::Unresumable(_)) => {
                Self::NotResumed(why)
            }
        }
    }
}

impl Bridge {
    /// Reads a stream on after the event that the client has read last. Whoever read it before reads
    /// nothing more.
    ///
    /// # Errors
    /// See [`NotBack`]; nothing has changed.
    pub fn resume(&self, client: &Returning, event: EventId) -> Result<ClientStream, NotBack> {
        let resumed = self.locked(|core, outer| core.resume(outer, client, event));
        let resumed = resumed.map_err(NotBack::Refused)?;
        let (kind, resumed) = resumed.map_err(|why| self.not_back((client, event), why))?;
        let stream = ClientStream::read_on(self.clone(), (event.stream, kind), resumed.receiver);
        if resumed.over {
            self.metrics().resumption(Resumption::Over);
            return Err(NotBack::Over(kind));
        }
        self.metrics().resumption(Resumption::Resumed);
        Ok(stream)
    }

    fn not_back(&self, (client, event): (&Returning, EventId), why: NotResumed) -> NotBack {
        let not_back = NotBack::new(event, why);
        if matches!(not_back, NotBack::Lost) {
            log::listener_lost(&client.session, why.reason());
            self.metrics().resumption(Resumption::Lost);
        } else {
            self.metrics().resumption(Resumption::Refused);
        }
        not_back
    }
}
