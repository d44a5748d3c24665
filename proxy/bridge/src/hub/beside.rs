//! Whether a process that was initialized takes requests of 2026-07-28 beside its session, so that
//! each client meets it in its own era (MCP 2026-07-28, Versioning: a server may serve both on one
//! process; an `initialize` before any other request chooses the earlier one).
//!
//! It is asked when the first client of 2026-07-28 comes, so that without such clients a server never
//! reads a word of that revision. What servers do, seen in July 2026 over stdio:
//!
//! | server | `initialize`, then a request of 2026-07-28 | `server/discover`, then `initialize` |
//! |---|---|---|
//! | Go SDK 1.8 | answered | "duplicate initialize" |
//! | mcp-go 1.2 | answered | answered |
//! | Python SDK 2.3 | -32600, this connection has a handshake | -32022, this connection has none |
//! | TypeScript SDK 1, Python SDK 1 | -32601, -32602 | answered |
//!
//! The last column is why a fresh process is asked `initialize` first.

use super::{Hub, Server, cx::Cx, kept, probe::Answer};
use crate::{
    envelope::{Raw, ResponseBody},
    io::{Loss, Now},
    modern::object::{members, only},
    protocol::Era,
};

/// What is known of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Beside {
    /// Nobody has asked this process.
    #[default]
    Unknown,
    /// It was asked under this id, and need not be waited for after that time.
    Asked { id: u64, until: Now },
    /// It takes them.
    Taken,
    /// It does not: its session serves everybody, and visits are translated. Holds for later
    /// processes that introduce themselves in the same words.
    Refused,
}

impl Beside {
    /// When it is not waited for any longer.
    pub(super) const fn due(self) -> Option<Now> {
        match self {
            Self::Asked { until, .. } => Some(until),
            Self::Unknown | Self::Taken | Self::Refused => None,
        }
    }

    /// The process has gone away. One that ended of the question is not asked again.
    pub(super) fn lost(&mut self, loss: Loss) {
        let ended = matches!(loss, Loss::ProcessExited | Loss::AttachLost);
        *self = match *self {
            Self::Asked { .. } if ended => Self::Refused,
            Self::Unknown | Self::Asked { .. } | Self::Taken => Self::Unknown,
            Self::Refused => Self::Refused,
        };
    }
}

impl Hub {
    /// How requests without a session are put to the server.
    pub(super) fn visit_era(&self) -> Era {
        match (self.server_era(), self.beside) {
            (Era::Modern, _) | (Era::Legacy, Beside::Taken) => Era::Modern,
            (Era::Legacy, Beside::Unknown | Beside::Asked { .. } | Beside::Refused) => Era::Legacy,
        }
    }

    /// Whether it is known how requests without a session are put to the server. Asks if it is not.
    pub(super) fn beside_is_known(&mut self, cx: &mut Cx<'_>) -> bool {
        match (self.server_era(), self.beside) {
            (Era::Modern, _) | (Era::Legacy, Beside::Taken | Beside::Refused) => return true,
            (Era::Legacy, Beside::Asked { .. }) => return false,
            (Era::Legacy, Beside::Unknown) => {}
        }
        match self.server {
            Server::Ready => {
                let id = self.mint();
                cx.server(kept::discover_line(id, &self.config.version));
                let until = cx.now + self.config.limits.probe_timeout;
                self.beside = Beside::Asked { id, until };
            }
            Server::Down(_) | Server::Handshaking { .. } => {}
        }
        false
    }

    /// The process answered something. Whether it was that.
    pub(super) fn beside_answered(
        &mut self,
        cx: &mut Cx<'_>,
        minted: u64,
        body: ResponseBody<'_>,
    ) -> bool {
        let asked = matches!(self.beside, Beside::Asked { id, .. } if id == minted);
        if asked {
            let taken = match Answer::of(body) {
                Answer::Modern(_) => Beside::Taken,
                Answer::Legacy | Answer::Stranger => Beside::Refused,
            };
            self.beside_known(cx, taken);
        }
        asked
    }

    /// Nobody waits longer for a process that says nothing to it.
    pub(super) fn expire_beside(&mut self, cx: &mut Cx<'_>) {
        if self.beside.due().is_some_and(|due| due <= cx.now) {
            self.beside_known(cx, Beside::Refused);
        }
    }

    fn beside_known(&mut self, cx: &mut Cx<'_>, beside: Beside) {
        self.beside = beside;
        self.enter(cx);
    }

    /// A visit's answer shows whether the process keeps to what it said: if it refuses the revision
    /// after all, those that come next are translated.
    pub(super) fn heard_beside(&mut self, body: ResponseBody<'_>) {
        if let (Era::Legacy, Beside::Taken, ResponseBody::Error(error)) =
            (self.server_era(), self.beside, body)
            && refuses_revision(error)
        {
            self.beside = Beside::Refused;
        }
    }
}

/// "Unsupported protocol version", or "invalid request" (no request of the revision, for it has
/// been read by the bridge before).
fn refuses_revision(error: Raw<'_>) -> bool {
    let all = members(error).unwrap_or_default();
    let code = only(&all, "code").ok().flatten();
    code.is_some_and(|code| matches!(code.text, "-32022" | "-32600"))
}
