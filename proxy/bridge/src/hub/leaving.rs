//! The end of a request of 2026-07-28: its answer, an error, or its client's leaving.

use bytes::Bytes;

use super::{
    Hub, Server,
    calls::{Call, Owner},
    cx::Cx,
    sessions::SessionKey,
    streams::Settled,
    visits::At,
};
use crate::{
    envelope::{Capabilities, Response, ResponseBody, is_tool_error},
    event::{AskOutcome, DropReason, HubEvent, Outcome, Side},
    io::{Output, StreamKey},
    modern::decorate::{Decorated, decorate},
    protocol::{Era, MethodLabel},
    refusal::Refusal,
};

/// The HTTP status of an answer that says all by itself.
const OK: u16 = 200;

impl Hub {
    /// The server answered a visit's call, which is in no table any more.
    pub(super) fn visit_answered(
        &mut self,
        cx: &mut Cx<'_>,
        line: &Bytes,
        response: &Response<'_>,
        call: &Call,
    ) {
        let Owner::Client(caller) = &call.owner else {
            return;
        };
        let key = caller.session;
        if self.keep_for_later(cx, key, line) {
            return Self::finished(cx, call, outcome(call.method, response.body), 0);
        }
        let outcome = outcome(call.method, response.body);
        let lacking = self.visits.get(key).map(|visit| visit.lacking);
        let lacking = lacking.filter(|lacking| *lacking != Capabilities::default());
        if let (Some(lacking), Outcome::Error | Outcome::ToolError) = (lacking, outcome) {
            // It went on without and came to nothing (MCP 2026-07-28, `_meta`: the server must not
            // rely on what was not declared, and says so).
            let refusal = Refusal::CapabilityMissing(lacking);
            return self.visit_failed(cx, call, Outcome::Refused, refusal);
        }
        let answer = decorate(line, response, &caller.id, call.method);
        Self::finished(cx, call, outcome, answer.message.len());
        if let Some(stream) = caller.stream {
            self.tell_visitor(cx, stream, answer, call.method);
        }
        self.end_visit(cx, key);
    }

    /// Whether the answer is kept because its client has not come back yet.
    fn keep_for_later(&mut self, cx: &mut Cx<'_>, key: SessionKey, line: &Bytes) -> bool {
        let Some(At::Parked { until }) = self.visits.get(key).map(|visit| visit.at.clone()) else {
            return false;
        };
        self.withdraw_wants(cx, key, AskOutcome::Cancelled);
        if self.visits.kept() + line.len() > self.config.limits.max_parked_bytes {
            cx.overflow(crate::event::Bound::ParkedBytes);
            self.end_visit(cx, key);
        } else {
            let line = line.clone();
            self.visits
                .change(key, |visit| visit.at = At::Done { line, until });
        }
        true
    }

    /// Ends a visit's call, which is in no table any more, with an error of the bridge.
    pub(super) fn visit_failed(
        &mut self,
        cx: &mut Cx<'_>,
        call: &Call,
        outcome: Outcome,
        refusal: Refusal,
    ) {
        let Owner::Client(caller) = &call.owner else {
            return;
        };
        let message = refusal.body_for(Era::Modern, Some(&caller.id));
        // What is no fault of the request is told by the error alone.
        let status = if outcome == Outcome::Refused {
            refusal.http_status()
        } else {
            OK
        };
        cx.event(HubEvent::Refused { refusal });
        Self::finished(cx, call, outcome, message.len());
        if let Some(stream) = caller.stream
            && self.streams.contains(stream)
        {
            self.tell_visitor(cx, stream, Decorated { message, status }, call.method);
        }
        self.end_visit(cx, caller.session);
    }

    /// Gives the last message on a visit's stream.
    pub(super) fn tell_visitor(
        &mut self,
        cx: &mut Cx<'_>,
        stream: StreamKey,
        Decorated { message, status }: Decorated,
        method: MethodLabel,
    ) {
        match self.streams.settle(stream) {
            Settled::Gone => cx.dropped(Side::Server, method, DropReason::NoStream),
            Settled::More | Settled::Last if status == OK => cx.client(stream, message, true),
            Settled::More | Settled::Last => {
                cx.out.push(Output::Rejected {
                    stream,
                    status,
                    message,
                });
            }
        }
    }

    /// The client closed the stream of its request, or its server is gone for good. Unlike in
    /// sessions that is a cancellation, after which nothing is sent (MCP 2026-07-28, Streamable
    /// HTTP, Cancellation).
    pub(super) fn visit_gone(&mut self, cx: &mut Cx<'_>, key: SessionKey) {
        self.end_listen(cx, key);
        self.cancel_visit(cx, key, Outcome::Cancelled);
        self.end_visit(cx, key);
    }

    /// Cancels what a visit has at the server.
    pub(super) fn cancel_visit(&mut self, cx: &mut Cx<'_>, key: SessionKey, outcome: Outcome) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        for minted in std::mem::take(&mut session.calls).into_values() {
            if let Some(call) = self.calls.remove(minted) {
                self.cancel_at_server(cx, minted, &call, "the client closed the request");
                Self::finished(cx, &call, outcome, 0);
            }
        }
    }

    /// Forgets a visit whose call is in no table any more.
    pub(super) fn end_visit(&mut self, cx: &mut Cx<'_>, key: SessionKey) {
        self.withdraw_wants(cx, key, AskOutcome::SessionClosed);
        self.visits.remove(key);
        if let Some(session) = self.sessions.remove(key)
            && let Some(stream) = session.stream
            && self.streams.remove(stream).is_some()
        {
            cx.end(stream);
        }
    }

    /// The client will not answer what the server asked.
    pub(super) fn withdraw_wants(&mut self, cx: &mut Cx<'_>, key: SessionKey, why: AskOutcome) {
        let wants = self
            .visits
            .change(key, |visit| std::mem::take(&mut visit.wants));
        for pending in wants.unwrap_or_default() {
            if let Some(ask) = self.asks.remove(pending.ask) {
                self.ask_failed(cx, pending.ask, &ask, why);
            }
        }
    }

    /// What waits for a handshake waits in vain.
    pub(super) fn fail_hall(&mut self, cx: &mut Cx<'_>, refusal: &Refusal) {
        let all = self.hall.take().into();
        Self::turn_visitors_away(cx, all, refusal);
    }

    /// Who has waited for too long is turned away.
    pub(super) fn expire_hall(&mut self, cx: &mut Cx<'_>) {
        let wait = self.config.limits.hold_timeout;
        if self
            .hall
            .oldest()
            .is_some_and(|since| since + wait <= cx.now)
        {
            let due = self.hall.take_until(cx.now.saturating_sub(wait));
            let refusal = Refusal::ServerUnavailable(self.last_loss);
            Self::turn_visitors_away(cx, due, &refusal);
        }
    }

    /// A fresh process said what it offers.
    pub(super) fn offer_changed(&mut self, cx: &mut Cx<'_>) {
        debug_assert_eq!(self.server, Server::Ready, "called once it is initialized");
        self.offer = self
            .kept
            .as_ref()
            .map(|kept| crate::modern::Offer::of(kept.raw()));
        self.catalog = super::catalog::Catalog::Unknown;
        self.enter(cx);
    }
}

fn outcome(method: MethodLabel, body: ResponseBody<'_>) -> Outcome {
    match body {
        ResponseBody::Error(_) => Outcome::Error,
        ResponseBody::Result(result)
            if method == MethodLabel::ToolsCall && is_tool_error(result) =>
        {
            Outcome::ToolError
        }
        ResponseBody::Result(_) => Outcome::Ok,
    }
}
