//! Ends of sessions and of server processes.

use super::{Hub, Server, calls::Owner, cx::Cx, delivery::Asker, sessions::SessionKey};
use crate::{
    event::{AskOutcome, CloseReason, Door, HubEvent, Outcome},
    io::Loss,
    refusal::Refusal,
};

impl Hub {
    /// Ends a session: its calls are cancelled at the server, its streams end, it is forgotten.
    pub(super) fn end_session(&mut self, cx: &mut Cx<'_>, key: SessionKey, why: CloseReason) {
        if self
            .sessions
            .get(key)
            .is_some_and(|session| session.door == Door::Stateless)
        {
            return self.visit_gone(cx, key);
        }
        let Some(session) = self.sessions.remove(key) else {
            return;
        };
        for minted in session.calls.into_values() {
            let call = if let Some(call) = self.calls.remove(minted) {
                self.cancel_at_server(cx, minted, &call, "the client's session ended");
                Some(call)
            } else {
                self.withdraw_round(cx, minted, AskOutcome::SessionClosed)
            };
            let Some(call) = call else { continue };
            Self::finished(cx, &call, Outcome::SessionClosed, 0);
            if let Owner::Client(caller) = &call.owner {
                self.give_nothing(
                    cx,
                    Asker {
                        session: key,
                        stream: caller.stream,
                    },
                );
            }
        }
        for minted in self.asks.ids_of(key) {
            if let Some(ask) = self.asks.remove(minted) {
                self.ask_failed(cx, minted, &ask, AskOutcome::SessionClosed);
            }
        }
        self.waiting.remove_session(key);
        if let Some(stream) = session.stream
            && self.streams.remove(stream).is_some()
        {
            cx.end(stream);
        }
        if session.stage.is_open() {
            let duration = cx.now.saturating_sub(session.opened);
            cx.event(HubEvent::SessionClosed {
                session: session.id,
                door: session.door,
                why,
                duration,
            });
        }
        self.untrack(cx, key);
    }

    /// The process, or the way to it, is gone: what was pending there fails at once. Sessions stay.
    pub(super) fn server_down(&mut self, cx: &mut Cx<'_>, loss: Loss) {
        let was = std::mem::replace(&mut self.server, Server::Down(Some(loss)));
        self.last_loss = Some(loss);
        self.beside.lost(loss);
        match was {
            Server::Handshaking { step, .. } => self.probe.lost(step, loss),
            Server::Down(_) | Server::Ready => {}
        }
        match was {
            Server::Down(_) => {}
            Server::Handshaking { .. } | Server::Ready => {
                let failed_calls = self.fail_sent(cx, loss);
                cx.event(HubEvent::ServerLost { loss, failed_calls });
            }
        }
        if loss == Loss::Draining {
            self.fail_waiting(cx, &Refusal::Draining);
        }
    }

    /// The process is gone for good, and its sessions with it: their clients open new ones, which
    /// other processes serve.
    pub(super) fn retire(&mut self, cx: &mut Cx<'_>) {
        self.server_down(cx, Loss::ScaledDown);
        self.fail_waiting(cx, &Refusal::ServerUnavailable(Some(Loss::ScaledDown)));
        let keys: Vec<SessionKey> = self.sessions.iter().map(|(key, _)| key).collect();
        for key in keys {
            self.end_session(cx, key, CloseReason::ScaledDown);
        }
    }

    fn fail_sent(&mut self, cx: &mut Cx<'_>, loss: Loss) -> usize {
        self.level = None;
        self.unsure.clear();
        self.subscriptions.forget_server();
        self.upstream = super::modern_server::Upstream::default();
        self.health.forget();
        for (minted, ask) in self.asks.drain() {
            self.ask_failed(cx, minted, &ask, AskOutcome::Lost);
        }
        let failed = self.calls.drain_sent();
        for call in &failed {
            self.untie(cx, call);
            self.fail(cx, call, Outcome::Lost, Refusal::ServerLost(loss));
        }
        failed
            .iter()
            .filter(|call| matches!(call.owner, Owner::Client(_)))
            .count()
    }

    /// No process will come any more: nobody need wait for one.
    fn fail_waiting(&mut self, cx: &mut Cx<'_>, refusal: &Refusal) {
        for waiter in self.waiting.take() {
            self.turn_away(cx, &waiter, refusal.clone());
        }
        for id in self.calls.held_ids() {
            self.fail_held(cx, id, refusal.clone());
        }
        self.fail_hall(cx, refusal);
        self.close_listens(cx);
        self.end_rounds(cx, refusal);
    }

    /// Fails one held call.
    pub(super) fn fail_held(&mut self, cx: &mut Cx<'_>, id: u64, refusal: Refusal) {
        if let Some(call) = self.calls.remove(id) {
            self.untie(cx, &call);
            self.fail(cx, &call, Outcome::Unavailable, refusal);
        }
    }
}
