//! The handshake with a fresh server process.

use std::sync::Arc;

use super::{Hub, Server, cx::Cx, kept, kept::Kept};
use crate::{
    envelope::ResponseBody,
    event::HubEvent,
    io::{Loss, Now, Output},
};

impl Hub {
    /// A transport to a fresh process is open.
    pub(super) fn server_up(&mut self, cx: &mut Cx<'_>) {
        match self.server {
            Server::Down(_) => {}
            // The driver replaced a process that it did not report as lost.
            Server::Handshaking { .. } | Server::Ready => self.server_down(cx, Loss::AttachLost),
        }
        let id = self.mint();
        self.server = Server::Handshaking { id, since: cx.now };
        cx.server(kept::initialize_line(id, &self.config.version));
        cx.event(HubEvent::HandshakeStarted);
    }

    /// The process answered `initialize`.
    pub(super) fn handshake_answered(
        &mut self,
        cx: &mut Cx<'_>,
        body: ResponseBody<'_>,
        since: Now,
    ) {
        let (text, kept) = match body {
            ResponseBody::Result(result) => (result.bytes(), Kept::new(result.text)),
            ResponseBody::Error(error) => (error.bytes(), None),
        };
        match kept {
            Some(kept) => self.initialized(cx, kept, since),
            None => self.handshake_failed(cx, Loss::NotMcp, kept::excerpt(text)),
        }
    }

    fn initialized(&mut self, cx: &mut Cx<'_>, kept: Kept, since: Now) {
        cx.event(HubEvent::ServerInitialized {
            name: kept.name.clone(),
            version: kept.version.clone(),
            revision: kept.revision,
            changed: self.kept.as_ref().is_some_and(|old| !old.same(&kept)),
            duration: cx.now.saturating_sub(since),
        });
        self.kept = Some(kept);
        self.server = Server::Ready;
        cx.server(kept::INITIALIZED);
        self.restore(cx);
        for waiter in self.waiting.take() {
            self.welcome(cx, &waiter);
        }
        self.release_held(cx);
    }

    fn release_held(&mut self, cx: &mut Cx<'_>) {
        for id in self.calls.held_ids() {
            let effect = self.calls.get(id).map(|call| call.effect.clone());
            if let (Some(line), Some(effect)) = (self.calls.release(id), effect) {
                self.sent(&effect);
                cx.server(line);
            }
        }
        // A held `logging/setLevel` says what was wanted when it came.
        self.sync_level(cx);
    }

    /// The process is no MCP server, or not a live one. It is to be dropped; who waits goes on
    /// waiting for the next one.
    pub(super) fn handshake_failed(&mut self, cx: &mut Cx<'_>, loss: Loss, excerpt: Arc<str>) {
        self.server = Server::Down(Some(loss));
        self.last_loss = Some(loss);
        cx.event(HubEvent::HandshakeFailed { loss, excerpt });
        cx.out.push(Output::DropServer(loss));
    }
}
