//! How far the handshake with a fresh process is, and what has been learned for the next one.
//!
//! ```text
//!  Up ──┬─ not known as modern ──> initialize ──┬─ found ─────────────────────────> ready, legacy
//!       │                            │          └─ refused ─> server/discover ────> ready, modern
//!       │                            └─ PROBE_TIMEOUT: server/discover too, and wait for both
//!       └─ modern ──> server/discover ──┬─ found ─────────────────────────────────> ready, modern
//!                          │            └─ any other answer ─> initialize ────────> ready, legacy
//!                          └─ PROBE_TIMEOUT: initialize too, and wait for both
//! ```
//! A process that speaks both chooses with the first request that it reads, and most of those that
//! are written now do not take `initialize` after `server/discover` any more ([`super::beside`]), by
//! which the clients of earlier revisions would lose what tools ask in their way. `initialize` costs
//! a modern server one refusal, once: its era is remembered.
//! (MCP 2026-07-28, stdio, Backward Compatibility.)

use std::sync::Arc;

use super::kept::Kept;
use crate::{
    envelope::{DiscoverResult, ResponseBody, Spoken, refused_version},
    io::{Loss, Now},
    protocol::Era,
};

/// What a fresh process has been asked and has not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// `server/discover`, under this id.
    Discovering {
        id: u64,
        /// Whether `initialize` has been refused already, so that nothing is left to be tried.
        last: bool,
    },
    /// Both, because the first was not answered in time.
    Both { discover: u64, initialize: u64 },
    /// `initialize` after a late answer to `server/discover`. A process that speaks both takes it
    /// for the choice of a legacy session, so its answer counts.
    Settling { initialize: u64, until: Now },
    /// `initialize`, under this id.
    Initializing {
        id: u64,
        /// Whether `server/discover` has been refused already.
        last: bool,
    },
}

impl Step {
    /// Whether this process may have ended because of the probe.
    const fn probed(self) -> bool {
        match self {
            Self::Discovering { .. } | Self::Both { .. } => true,
            Self::Settling { .. } | Self::Initializing { .. } => false,
        }
    }
}

/// What has been learned of processes.
#[derive(Debug, Default)]
pub(super) struct Probe {
    /// One ended when it was asked `server/discover`: the next one is asked `initialize` first.
    shy: bool,
    /// How `initialize` was refused, which says more of what is wrong than a refused discovery.
    pub(super) refused: Option<Arc<str>>,
    /// A good answer to `server/discover` that waits for the one to `initialize`.
    pub(super) found: Option<Kept>,
}

impl Probe {
    /// Whether a fresh process is asked `initialize` first; `known` is the era of the one before it.
    pub(super) fn initialize_first(&self, known: Option<Era>) -> bool {
        self.shy || known != Some(Era::Modern)
    }

    /// Whether a process that does not answer `initialize` is asked `server/discover` too.
    pub(super) const fn may_discover(&self) -> bool {
        !self.shy
    }

    /// The process that was this far has gone away.
    pub(super) fn lost(&mut self, step: Step, loss: Loss) {
        self.found = None;
        self.refused = None;
        let ended = match loss {
            Loss::ProcessExited | Loss::AttachLost => true,
            Loss::ConnectionLost
            | Loss::NotReading
            | Loss::NotAnswering
            | Loss::HandshakeTimeout
            | Loss::NotMcp
            | Loss::ScaledDown
            | Loss::Renewed
            | Loss::Draining => false,
        };
        self.shy |= ended && step.probed();
    }
}

/// What an answer to `server/discover` says.
#[derive(Debug)]
pub(super) enum Answer {
    /// The server speaks our modern revision.
    Modern(Box<Kept>),
    /// It does not, or does not know the method.
    Legacy,
    /// It speaks MCP, but nothing that we do.
    Stranger,
}

impl Answer {
    /// Reads it. No single error code tells the eras apart, so whatever is not clearly of the modern
    /// one is taken for legacy.
    pub(super) fn of(body: ResponseBody<'_>) -> Self {
        match body {
            ResponseBody::Result(result) => match DiscoverResult::peek(result.text) {
                None => Self::Legacy,
                Some(found) => match found.spoken {
                    Spoken::Era(Era::Modern) => Kept::discovered(result.text, &found)
                        .map_or(Self::Legacy, |kept| Self::Modern(Box::new(kept))),
                    Spoken::Era(Era::Legacy) => Self::Legacy,
                    Spoken::Nothing => Self::Stranger,
                },
            },
            ResponseBody::Error(error) => match refused_version(error) {
                // Asked in that very revision it refused, so it is of no use that it lists it.
                Some(Spoken::Nothing | Spoken::Era(Era::Modern)) => Self::Stranger,
                Some(Spoken::Era(Era::Legacy)) | None => Self::Legacy,
            },
        }
    }
}
