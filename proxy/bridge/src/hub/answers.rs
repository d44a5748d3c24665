//! The server's answers, on their way to the sessions that asked.

use bytes::Bytes;

use super::{
    Hub,
    calls::{Call, Caller, Owner},
    cx::Cx,
    delivery::Asker,
};
use crate::{
    envelope::{self, Raw, Response, ResponseBody, is_tool_error},
    event::{Bound, DropReason, HubEvent, Outcome, Side},
    line::{MAX_LINE, Oversized},
    message::{self, Edit},
    modern::object::{members, only},
    protocol::{Era, MethodLabel},
    refusal::Refusal,
};

impl Hub {
    /// Takes one response of the server.
    pub(super) fn answered(&mut self, cx: &mut Cx<'_>, line: &Bytes, response: &Response<'_>) {
        let Some(minted) = response.minted_id() else {
            return unmatched(cx);
        };
        self.unsure.arrived(minted);
        if self.handshake_answered(cx, minted, response.body)
            || self.health.answered(minted)
            || self.beside_answered(cx, minted, response.body)
            || self.listen_ended(cx, minted, refuses_listen(response.body))
        {
            return;
        }
        // A call that is still held has not been sent, so nothing can answer it.
        let sent = self
            .calls
            .get(minted)
            .is_some_and(|call| call.held.is_none());
        let call = if sent {
            self.calls.remove(minted)
        } else {
            None
        };
        match call {
            Some(call) => {
                if let Some(call) = self.asked_first(cx, minted, response, call) {
                    self.call_answered(cx, line, response, &call);
                }
            }
            None if self.calls.exorcise(minted) => {
                cx.dropped(Side::Server, MethodLabel::Other, DropReason::AfterCancel);
            }
            None => unmatched(cx),
        }
    }

    fn call_answered(
        &mut self,
        cx: &mut Cx<'_>,
        line: &Bytes,
        response: &Response<'_>,
        call: &Call,
    ) {
        self.settled(call, matches!(response.body, ResponseBody::Result(_)));
        if matches!(call.owner, Owner::Bridge) && call.method == MethodLabel::ToolsList {
            return self.tools_listed(cx, response.body);
        }
        let (Owner::Client(caller), Some(id)) = (&call.owner, response.id) else {
            return;
        };
        self.untie(cx, call);
        if caller.era == Era::Modern {
            self.heard_beside(response.body);
            return self.visit_answered(cx, line, response, call);
        }
        let answer = self.renamed(line, response, (call.method, caller), id);
        Self::finished(
            cx,
            call,
            outcome_of(call.method, response.body),
            answer.len(),
        );
        let asker = Asker {
            session: caller.session,
            stream: caller.stream,
        };
        if !self.give(cx, asker, answer) {
            cx.dropped(Side::Server, call.method, DropReason::NoStream);
        }
    }

    /// The answer under its client's id, with an error code that its revision has.
    fn renamed(
        &self,
        line: &Bytes,
        response: &Response<'_>,
        (method, caller): (MethodLabel, &Caller),
        id: Raw<'_>,
    ) -> Bytes {
        let own = Edit {
            span: id.span(),
            with: &caller.id,
        };
        let code = match response.body {
            ResponseBody::Error(error) => self.earlier_code(caller, method, error),
            ResponseBody::Result(_) => None,
        };
        let Some(code) = code else {
            return message::splice(line, &[own], 0).freeze();
        };
        let mut edits = [own, code];
        edits.sort_unstable_by_key(|edit| edit.span.start);
        message::splice(line, &edits, 0).freeze()
    }

    /// Takes what is left of a line that was too long. If it was the answer to a call, that call
    /// need not wait for another one.
    pub(super) fn oversized_line(&mut self, cx: &mut Cx<'_>, line: &Oversized) {
        cx.overflow(Bound::Line);
        let Some(minted) = envelope::id_at_the_ends(&line.head, &line.tail) else {
            return;
        };
        if self.handshake_oversized(cx, minted, &line.head) {
            return;
        }
        let sent = self
            .calls
            .get(minted)
            .is_some_and(|call| call.held.is_none());
        if let Some(call) = if sent {
            self.calls.remove(minted)
        } else {
            None
        } {
            self.settled(&call, false);
            self.untie(cx, &call);
            self.fail(
                cx,
                &call,
                Outcome::Refused,
                Refusal::AnswerTooLong { limit: MAX_LINE },
            );
        } else {
            self.calls.exorcise(minted);
        }
    }

    /// Forgets the call in its session.
    pub(super) fn untie(&mut self, cx: &Cx<'_>, call: &Call) {
        if let Owner::Client(caller) = &call.owner
            && let Some(session) = self.sessions.get_mut(caller.session)
        {
            session.calls.remove(&caller.id);
            session.last_seen = cx.now;
        }
    }

    /// Says that a client's call is over.
    pub(super) fn finished(cx: &mut Cx<'_>, call: &Call, outcome: Outcome, bytes: usize) {
        let Owner::Client(caller) = &call.owner else {
            return;
        };
        cx.event(HubEvent::RequestFinished {
            call: caller.call,
            session: caller.session_id.clone(),
            method: call.method,
            tool: call.tool.clone(),
            outcome,
            duration: cx.now.saturating_sub(call.asked()),
            bytes,
        });
    }
}

fn outcome_of(method: MethodLabel, body: ResponseBody<'_>) -> Outcome {
    match body {
        ResponseBody::Error(_) => Outcome::Error,
        ResponseBody::Result(result) => {
            let failed = method == MethodLabel::ToolsCall && is_tool_error(result);
            if failed {
                Outcome::ToolError
            } else {
                Outcome::Ok
            }
        }
    }
}

/// Whether the error says that the server will not be listened to, rather than that the way to it
/// broke.
fn refuses_listen(body: ResponseBody<'_>) -> bool {
    let ResponseBody::Error(error) = body else {
        return false;
    };
    let all = members(error).unwrap_or_default();
    let code = only(&all, "code").ok().flatten();
    code.is_some_and(|code| REFUSALS.contains(&code.text))
}

/// Unknown method, invalid parameters, and the errors of MCP 2026-07-28.
const REFUSALS: [&str; 5] = ["-32601", "-32602", "-32020", "-32021", "-32022"];

fn unmatched(cx: &mut Cx<'_>) {
    cx.dropped(Side::Server, MethodLabel::Other, DropReason::Unmatched);
}
