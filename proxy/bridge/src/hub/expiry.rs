//! What happens because time has passed.

use std::time::Duration;

use super::{Hub, cx::Cx};
use crate::{
    event::{AskOutcome, CloseReason, Outcome},
    io::Now,
    refusal::{InputFault, Refusal},
};

/// Idle sessions are looked for at most this many times an idle timeout, so that a full table is
/// not walked for each session that ends. A session ends at most so much later.
const IDLE_CHECKS: u32 = 32;

impl Hub {
    /// When to send [`crate::Input::Tick`] at the latest; none if nothing waits for time to pass.
    pub fn next_deadline(&self) -> Option<Now> {
        let limits = &self.config.limits;
        let after = |start: Option<Now>, wait: Duration| start.map(|start| start + wait);
        let since = |oldest: Option<(u64, Now)>| oldest.map(|(_, since)| since);
        [
            self.handshake_deadline(),
            after(self.waiting.oldest(), limits.hold_timeout),
            after(since(self.calls.oldest_held()), limits.hold_timeout),
            after(since(self.calls.oldest()), limits.call_timeout),
            after(since(self.asks.oldest()), limits.ask_timeout),
            after(since(self.rounds.oldest()), limits.ask_timeout),
            since(self.calls.oldest_ghost()),
            self.unsure.due(),
            after(self.hall.oldest(), limits.hold_timeout),
            self.visits.first_due().map(|(_, due)| due),
            self.catalog.deadline(),
            self.idle_check,
            self.upstream.due(),
            self.beside.due(),
            self.health.check,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does everything that is due.
    pub(super) fn expire(&mut self, cx: &mut Cx<'_>) {
        self.expire_handshake(cx);
        self.expire_beside(cx);
        self.expire_held(cx);
        self.expire_calls(cx);
        self.expire_unsure(cx);
        self.expire_asks(cx);
        self.expire_listen(cx);
        self.expire_health(cx);
        self.expire_visits(cx);
        self.expire_listing(cx);
        self.expire_hall(cx);
        if self.idle_check.is_some_and(|due| due <= cx.now) {
            self.expire_idle(cx);
        }
    }

    fn expire_held(&mut self, cx: &mut Cx<'_>) {
        let wait = self.config.limits.hold_timeout;
        let refusal = Refusal::ServerUnavailable(self.last_loss);
        while self
            .waiting
            .oldest()
            .is_some_and(|since| since + wait <= cx.now)
        {
            let Some(waiter) = self.waiting.pop() else {
                break;
            };
            self.turn_away(cx, &waiter, refusal.clone());
        }
        while let Some((id, since)) = self.calls.oldest_held()
            && since + wait <= cx.now
        {
            self.fail_held(cx, id, refusal.clone());
        }
    }

    fn expire_calls(&mut self, cx: &mut Cx<'_>) {
        let wait = self.config.limits.call_timeout;
        while let Some((id, since)) = self.calls.oldest()
            && since + wait <= cx.now
        {
            let Some(call) = self.calls.remove(id) else {
                break;
            };
            self.untie(cx, &call);
            self.cancel_at_server(cx, id, &call, "the longest wait is over");
            self.fail(cx, &call, Outcome::TimedOut, Refusal::CallTimeout);
        }
        while let Some((id, until)) = self.calls.oldest_ghost()
            && until <= cx.now
        {
            self.calls.exorcise(id);
        }
    }

    fn expire_asks(&mut self, cx: &mut Cx<'_>) {
        let wait = self.config.limits.ask_timeout;
        while let Some((id, since)) = self.asks.oldest()
            && since + wait <= cx.now
        {
            let Some(ask) = self.asks.remove(id) else {
                break;
            };
            self.ask_failed(cx, id, &ask, AskOutcome::TimedOut);
        }
        while let Some((id, since)) = self.rounds.oldest()
            && since + wait <= cx.now
        {
            self.end_round(cx, id, AskOutcome::TimedOut, InputFault::TimedOut);
        }
    }

    fn expire_idle(&mut self, cx: &mut Cx<'_>) {
        let timeout = self.config.limits.idle_timeout;
        let idle = self.sessions.iter().filter(|(_, session)| !session.busy());
        let due: Vec<_> = idle
            .filter(|(_, session)| session.last_seen + timeout <= cx.now)
            .map(|(key, _)| key)
            .collect();
        for key in due {
            self.end_session(cx, key, CloseReason::Idle);
        }
        self.idle_check = None;
        self.watch_idle(cx);
    }

    /// Makes sure that idle sessions are looked for in time. The first look that is already
    /// planned is early enough for every session, since idle time only starts anew.
    pub(super) fn watch_idle(&mut self, cx: &Cx<'_>) {
        let timeout = self.config.limits.idle_timeout;
        if self.idle_check.is_none() {
            let first = self
                .sessions
                .iter()
                .map(|(_, session)| session.last_seen + timeout)
                .min();
            let soonest = cx.now + timeout / IDLE_CHECKS;
            self.idle_check = first.map(|first| first.max(soonest));
        }
    }
}
