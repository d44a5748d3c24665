//! Whether a process that says nothing is still there (MCP 2025-11-25, Ping).
//!
//! Whatever the server says proves that it lives, so only a silent one is asked. A server with one
//! thread does not answer while it is at a call, so silence counts only while there is none.

use super::{Hub, Server, cx::Cx, kept};
use crate::{
    io::{Loss, Now, Output},
    limits::PING_WAIT,
    protocol::Era,
};

/// When the server was heard, and when to look again.
#[derive(Debug, Default)]
pub(super) struct Health {
    heard: Now,
    /// When to look; none without an initialized server.
    pub(super) check: Option<Now>,
    /// A question that is not answered yet, and when it was asked.
    asked: Option<(u64, Now)>,
}

impl Health {
    /// The server said something. Cheap: it is done for every line.
    pub(super) const fn heard(&mut self, now: Now) {
        self.heard = now;
    }

    /// Whether this is the answer to the question.
    pub(super) fn answered(&mut self, id: u64) -> bool {
        self.asked.take_if(|(asked, _)| *asked == id).is_some()
    }

    /// The process is gone.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

impl Hub {
    /// The process is initialized.
    pub(super) fn watch_health(&mut self, cx: &Cx<'_>) {
        self.health.heard = cx.now;
        self.health.check = Some(cx.now + self.config.limits.ping_after);
    }

    /// Asks a silent server, or gives one up that did not answer.
    pub(super) fn expire_health(&mut self, cx: &mut Cx<'_>) {
        if self.health.check.is_none_or(|check| check > cx.now) {
            return;
        }
        let next = self.health.heard + self.config.limits.ping_after;
        let busy = self.calls.len() > self.calls.held_len();
        match self.health.asked {
            Some((_, since)) if self.health.heard < since && !busy => self.not_answering(cx),
            Some(_) | None if next > cx.now => {
                self.health.asked = None;
                self.health.check = Some(next);
            }
            Some(_) | None if busy => {
                self.health.asked = None;
                self.health.check = Some(cx.now + self.config.limits.ping_after);
            }
            Some(_) | None => self.ask_whether_alive(cx),
        }
    }

    fn ask_whether_alive(&mut self, cx: &mut Cx<'_>) {
        let id = self.mint();
        cx.server(match self.server_era() {
            Era::Legacy => kept::request_line(id, "ping", "{}"),
            Era::Modern => kept::discover_line(id, &self.config.version),
        });
        self.health.asked = Some((id, cx.now));
        self.health.check = Some(cx.now + PING_WAIT);
    }

    fn not_answering(&mut self, cx: &mut Cx<'_>) {
        match self.server {
            Server::Ready => {
                self.server_down(cx, Loss::NotAnswering);
                cx.out.push(Output::DropServer(Loss::NotAnswering));
            }
            Server::Down(_) | Server::Handshaking { .. } => self.health.forget(),
        }
    }
}
