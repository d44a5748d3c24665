//! Requests of clients on their way to the server.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;

use super::{
    Hub, Server,
    calls::{Call, Caller, Effect, Owner},
    cx::Cx,
    delivery::Asker,
    kept::cut,
};
use crate::{
    envelope::{Params, Raw, Request},
    event::{Bound, HubEvent, Outcome},
    io::Loss,
    limits::{MAX_ID, MAX_TOOL_NAME},
    message::{self, Edit},
    protocol::{Era, MethodLabel},
    refusal::Refusal,
};

/// Where another value is put into a request, and which.
type Replace = (Range<usize>, &'static str);

/// What to do with a request.
#[derive(Debug)]
pub(super) enum Plan {
    /// The bridge knows the answer: an empty result.
    Answer,
    /// It goes to the server.
    Send {
        effect: Effect,
        /// A value to replace on the way, besides id and progress token.
        replace: Option<Replace>,
    },
}

impl Plan {
    /// Unchanged, and without a trace here.
    pub(super) const PASS: Self = Self::Send {
        effect: Effect::None,
        replace: None,
    };
}

/// One request and what it says.
struct Incoming<'a> {
    asker: Asker,
    body: &'a Bytes,
    request: &'a Request<'a>,
    params: Params<'a>,
}

impl Hub {
    /// Takes one request of an initialized session (or a `ping` before that).
    pub(super) fn request(
        &mut self,
        cx: &mut Cx<'_>,
        asker: Asker,
        body: &Bytes,
        request: &Request<'_>,
    ) {
        let peeked = Params::peek(request.params);
        let params = peeked.unwrap_or_default();
        let incoming = Incoming {
            asker,
            body,
            request,
            params,
        };
        let Some(mut call) = self.start(cx, &incoming) else {
            return;
        };
        let plan = peeked
            .map_err(|_| Refusal::InvalidParams("a key that the bridge reads occurs twice"))
            .and_then(|_| self.plan(cx, &incoming));
        match plan {
            Err(refusal) => self.fail(cx, &call, Outcome::Refused, refusal),
            Ok(Plan::Answer) => self.answer_empty(cx, &call),
            Ok(Plan::Send { effect, replace }) => {
                call.effect = effect;
                self.send(cx, call, &incoming, replace.as_ref());
            }
        }
    }

    /// The call as it enters the bridge.
    fn start(&mut self, cx: &mut Cx<'_>, incoming: &Incoming<'_>) -> Option<Call> {
        let Incoming {
            asker,
            body,
            request,
            params,
        } = incoming;
        let session = self.sessions.get(asker.session)?;
        let (session_id, era) = (session.id.clone(), session.era());
        let tool = tool_of(request.method, params.name);
        let call = self.next_call();
        cx.event(HubEvent::RequestStarted {
            call,
            stream: asker.stream,
            session: session_id.clone(),
            method: request.method,
            tool: tool.clone(),
            bytes: body.len(),
        });
        let caller = Caller {
            call,
            session: asker.session,
            era,
            session_id,
            id: request.id.bytes().into(),
            stream: asker.stream,
            token: params
                .meta_token
                .map(|token| Bytes::copy_from_slice(token.bytes())),
        };
        Some(Call {
            owner: Owner::Client(caller),
            method: request.method,
            tool,
            started: cx.now,
            effect: Effect::None,
            held: None,
            again: None,
        })
    }

    fn plan(&mut self, cx: &mut Cx<'_>, incoming: &Incoming<'_>) -> Result<Plan, Refusal> {
        let Incoming {
            asker,
            body,
            request,
            params,
        } = incoming;
        if request.method == MethodLabel::Ping {
            return Ok(Plan::Answer);
        }
        if params
            .meta_token
            .is_some_and(|token| token.text.len() > MAX_ID)
        {
            return Err(Refusal::InvalidParams("the progressToken is too long"));
        }
        self.check_load(cx, *asker, request.id)?;
        self.check_hold(cx, body.len())?;
        self.plan_tracked(cx, asker.session, request.method, params)
    }

    fn check_load(&self, cx: &mut Cx<'_>, asker: Asker, id: Raw<'_>) -> Result<(), Refusal> {
        let limits = &self.config.limits;
        let session = self.sessions.get(asker.session);
        if session.is_some_and(|session| session.calls.contains_key(id.bytes())) {
            return Err(Refusal::DuplicateId);
        }
        if self.calls.load(asker.session) >= limits.max_pending_per_session {
            cx.overflow(Bound::SessionPending);
            return Err(Refusal::TooManyPending);
        }
        if self.calls.len() >= limits.max_pending {
            cx.overflow(Bound::Pending);
            return Err(Refusal::TooManyPending);
        }
        Ok(())
    }

    /// Whether a call of this size may be held, if it has to be.
    fn check_hold(&self, cx: &mut Cx<'_>, bytes: usize) -> Result<(), Refusal> {
        let full = match self.server {
            Server::Ready => return Ok(()),
            Server::Down(Some(Loss::Draining)) => return Err(Refusal::Draining),
            Server::Down(_) | Server::Handshaking { .. } => self.hold_is_full(bytes),
        };
        let Some(bound) = full else { return Ok(()) };
        cx.overflow(bound);
        Err(Refusal::ServerUnavailable(self.last_loss))
    }

    /// Why so many bytes more cannot wait for the server. What waits in the hall is written in the
    /// same step as the held calls are, so the bounds are for both together.
    pub(super) fn hold_is_full(&self, bytes: usize) -> Option<Bound> {
        let limits = &self.config.limits;
        let count = self.calls.held_len() + self.hall.len();
        let held = self.calls.held_bytes() + self.hall.bytes();
        if count >= limits.max_held {
            Some(Bound::HeldCount)
        } else if held + bytes > limits.max_held_bytes {
            Some(Bound::HeldBytes)
        } else {
            None
        }
    }

    /// Writes the request under a minted id, or holds it.
    fn send(
        &mut self,
        cx: &mut Cx<'_>,
        mut call: Call,
        incoming: &Incoming<'_>,
        replace: Option<&Replace>,
    ) {
        let id = self.mint();
        let line = incoming.line(&id.to_string(), replace);
        if let Owner::Client(caller) = &call.owner
            && let Some(session) = self.sessions.get_mut(caller.session)
        {
            session.calls.insert(caller.id.clone(), id);
        }
        match self.server {
            Server::Ready => {
                self.sent(&call.effect);
                let line = self.dressed(&call, line);
                call.again = self.again(cx, &call, &line).map(Box::new);
                cx.call(call.key(), line);
            }
            Server::Down(_) | Server::Handshaking { .. } => call.held = Some(line),
        }
        self.calls.insert(id, call);
    }

    pub(super) fn answer_empty(&mut self, cx: &mut Cx<'_>, call: &Call) {
        let Owner::Client(caller) = &call.owner else {
            return;
        };
        let answer = message::result(&caller.id, b"{}");
        Self::finished(cx, call, Outcome::Ok, answer.len());
        self.give(
            cx,
            Asker {
                session: caller.session,
                stream: caller.stream,
            },
            answer,
        );
    }

    /// Ends a call, which is in no table any more, with an error of the bridge.
    pub(super) fn fail(
        &mut self,
        cx: &mut Cx<'_>,
        call: &Call,
        outcome: Outcome,
        refusal: Refusal,
    ) {
        let Owner::Client(caller) = &call.owner else {
            return;
        };
        if caller.era == Era::Modern {
            return self.visit_failed(cx, call, outcome, refusal);
        }
        let answer = refusal.body(Some(&caller.id));
        cx.event(HubEvent::Refused { refusal });
        Self::finished(cx, call, outcome, answer.len());
        self.give(
            cx,
            Asker {
                session: caller.session,
                stream: caller.stream,
            },
            answer,
        );
    }
}

impl Incoming<'_> {
    /// The request as a line under its minted id, which is its progress token too: both are unique
    /// among all calls of the process (MCP, Progress).
    fn line(&self, minted: &str, replace: Option<&Replace>) -> Bytes {
        let minted = minted.as_bytes();
        let none = || Edit {
            span: 0..0,
            with: b"",
        };
        let token = self.params.meta_token.map(|token| Edit {
            span: token.span(),
            with: minted,
        });
        let replace = replace.map(|(span, with)| Edit {
            span: span.clone(),
            with: with.as_bytes(),
        });
        let mut edits = [
            Edit {
                span: self.request.id.span(),
                with: minted,
            },
            token.unwrap_or_else(none),
            replace.unwrap_or_else(none),
        ];
        edits.sort_unstable_by_key(|edit| edit.span.start);
        message::line(self.body, &edits)
    }
}

fn tool_of(method: MethodLabel, name: Option<Raw<'_>>) -> Option<Arc<str>> {
    let name = name
        .filter(|_| method == MethodLabel::ToolsCall)?
        .string()?;
    Some(cut(&name, MAX_TOOL_NAME).into())
}
