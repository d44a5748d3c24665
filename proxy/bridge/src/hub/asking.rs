//! Requests of the server to clients: put to the session that caused them, answered only by it.

use bytes::Bytes;

use super::{
    Hub, Server, asks::Ask, attribution::named_call, cx::Cx, delivery::Asker, kept,
    sessions::SessionKey,
};
use crate::{
    envelope::{Capabilities, Params, Raw, Request, Response, ResponseBody},
    event::{AskOutcome, Bound, Door, DropReason, HubEvent, Side},
    io::{Now, StreamKey},
    limits::MAX_ID,
    message::{self, Edit},
    protocol::MethodLabel,
};

/// Who is asked.
enum Target {
    /// A session, on this stream.
    Session(SessionKey, StreamKey),
    /// A visit, by its result.
    Visit(SessionKey),
}

impl Hub {
    /// Takes one request of the server.
    pub(super) fn ask(&mut self, cx: &mut Cx<'_>, line: &Bytes, request: &Request<'_>) {
        if request.method == MethodLabel::Ping {
            cx.server(message::line(
                &message::result(request.id.bytes(), b"{}"),
                &[],
            ));
            return over(cx, request.method, AskOutcome::Answered, cx.now);
        }
        match self.target(cx, line, request.method) {
            Ok(Target::Visit(key)) => self.ask_visitor(cx, key, line, request),
            Ok(Target::Session(session, stream)) => {
                self.put(cx, session, stream, (line, request));
            }
            Err(outcome) => refuse(cx, request.id.bytes(), request.method, outcome, cx.now),
        }
    }

    /// Whom to ask, and where.
    fn target(
        &self,
        cx: &mut Cx<'_>,
        line: &[u8],
        method: MethodLabel,
    ) -> Result<Target, AskOutcome> {
        match self.server {
            Server::Ready => {}
            Server::Down(_) | Server::Handshaking { .. } => return Err(AskOutcome::TooEarly),
        }
        if self.asks.len() >= self.config.limits.max_asks {
            cx.overflow(Bound::Asks);
            return Err(AskOutcome::TooMany);
        }
        let roots = method == MethodLabel::RootsList;
        let cause = match named_call(line) {
            Some(call) => self.cause_of_call(call),
            None if roots => self.cause_of_roots(),
            None => self.cause_of_ask(),
        };
        let asker = cause.ok_or(AskOutcome::NotAttributable)?;
        let session = self.sessions.get(asker.session);
        let session = session.ok_or(AskOutcome::NotAttributable)?;
        match session.door {
            Door::Stateless => return Ok(Target::Visit(asker.session)),
            Door::Streamable | Door::Sse => {}
        }
        let client = session.client().ok_or(AskOutcome::NotAttributable)?;
        if !capable(client.capabilities, method) {
            return Err(AskOutcome::NotCapable);
        }
        let stream = self.related(asker).ok_or(AskOutcome::NoStream)?;
        Ok(Target::Session(asker.session, stream))
    }

    fn put(
        &mut self,
        cx: &mut Cx<'_>,
        session: SessionKey,
        stream: StreamKey,
        (line, request): (&Bytes, &Request<'_>),
    ) {
        let Some(found) = self.sessions.get(session) else {
            return;
        };
        let session_id = found.id.clone();
        let minted = self.mint();
        let token = Params::peek(request.params).unwrap_or_default().meta_token;
        let token = token.filter(|token| token.text.len() <= MAX_ID);
        let ask = Ask {
            session,
            id: Bytes::copy_from_slice(request.id.bytes()),
            token: token.map(|token| Bytes::copy_from_slice(token.bytes())),
            method: request.method,
            started: cx.now,
        };
        self.asks.insert(minted, ask);
        let digits = minted.to_string();
        let edit = Edit {
            span: request.id.span(),
            with: digits.as_bytes(),
        };
        cx.client(stream, message::splice(line, &[edit], 0).freeze(), false);
        cx.event(HubEvent::AskStarted {
            session: session_id,
            method: request.method,
        });
    }

    /// Takes one response of a client.
    pub(super) fn ask_answered(
        &mut self,
        cx: &mut Cx<'_>,
        session: SessionKey,
        body: &Bytes,
        response: &Response<'_>,
    ) {
        let minted = response.minted_id();
        let ask = minted.and_then(|minted| self.asks.answer(minted, session));
        let (Some(ask), Some(id)) = (ask, response.id) else {
            return cx.dropped(Side::Client, MethodLabel::Other, DropReason::Unmatched);
        };
        let edit = Edit {
            span: id.span(),
            with: &ask.id,
        };
        cx.server(message::line(body, &[edit]));
        let outcome = match response.body {
            ResponseBody::Result(_) => AskOutcome::Ok,
            ResponseBody::Error(_) => AskOutcome::Error,
        };
        over(cx, ask.method, outcome, ask.started);
    }

    /// `notifications/cancelled` of the server: the client it had asked hears of it.
    pub(super) fn ask_cancelled(&mut self, cx: &mut Cx<'_>, line: &Bytes, id: Option<Raw<'_>>) {
        let found = id.and_then(|id| {
            let minted = self.asks.find(id.bytes())?;
            Some((id, minted, self.asks.remove(minted)?))
        });
        let Some((id, minted, ask)) = found else {
            return cx.dropped(Side::Server, MethodLabel::Cancelled, DropReason::Unmatched);
        };
        self.want_over(ask.session, minted);
        let digits = minted.to_string();
        let edit = Edit {
            span: id.span(),
            with: digits.as_bytes(),
        };
        let message = message::splice(line, &[edit], 0).freeze();
        self.tell_asked(cx, ask.session, message);
        over(cx, ask.method, AskOutcome::Cancelled, ask.started);
    }

    /// Ends an ask, which is in no table any more, that the client will not answer.
    pub(super) fn ask_failed(
        &mut self,
        cx: &mut Cx<'_>,
        minted: u64,
        ask: &Ask,
        outcome: AskOutcome,
    ) {
        self.want_over(ask.session, minted);
        let withdrawn = kept::cancelled(minted, "the server does not wait for it any more");
        self.tell_asked(cx, ask.session, Bytes::from(withdrawn));
        match self.server {
            Server::Ready => refuse(cx, &ask.id, ask.method, outcome, ask.started),
            Server::Down(_) | Server::Handshaking { .. } => {
                over(cx, ask.method, outcome, ask.started);
            }
        }
    }

    /// Gives a client a message about something that it was asked.
    fn tell_asked(&self, cx: &mut Cx<'_>, session: SessionKey, message: Bytes) {
        if self.visits.get(session).is_some() {
            // It was asked by a result, and asks no more of its client.
            return;
        }
        let open = self
            .calls
            .sent_of(session)
            .filter_map(|caller| caller.stream);
        let stream = open
            .into_iter()
            .find(|stream| self.streams.contains(*stream));
        match self.related(Asker { session, stream }) {
            Some(stream) => cx.client(stream, message, false),
            None => cx.dropped(Side::Server, MethodLabel::Cancelled, DropReason::NoStream),
        }
    }
}

/// Whether the client declared what the request needs (MCP, Lifecycle, Operation). Methods that no
/// capability is defined for are for the client to refuse.
fn capable(declared: Capabilities, method: MethodLabel) -> bool {
    if method == MethodLabel::SamplingCreateMessage {
        declared.sampling
    } else if method == MethodLabel::ElicitationCreate {
        declared.elicitation
    } else if method == MethodLabel::RootsList {
        declared.roots
    } else {
        true
    }
}

/// Answers a request of the server with an error.
pub(super) fn refuse(
    cx: &mut Cx<'_>,
    id: &[u8],
    method: MethodLabel,
    outcome: AskOutcome,
    started: Now,
) {
    let (code, text) = error_of(outcome);
    let error = message::error(Some(id), code, text, None);
    cx.server(message::line(&error, &[]));
    over(cx, method, outcome, started);
}

pub(super) fn over(cx: &mut Cx<'_>, method: MethodLabel, outcome: AskOutcome, started: Now) {
    let duration = cx.now.saturating_sub(started);
    cx.event(HubEvent::AskFinished {
        method,
        outcome,
        duration,
    });
}

/// The JSON-RPC error that the server reads.
const fn error_of(outcome: AskOutcome) -> (i64, &'static str) {
    match outcome {
        AskOutcome::NotAttributable => (
            -32000,
            "several clients share this server and it cannot be told which one this is for",
        ),
        AskOutcome::NotCapable => (-32601, "the client did not declare this capability"),
        AskOutcome::NoStream => (-32000, "the client has no open stream to be asked on"),
        AskOutcome::TooMany => (
            -32000,
            "too many requests to clients wait for their answers",
        ),
        AskOutcome::TooEarly => (-32600, "not initialized yet"),
        AskOutcome::TimedOut => (-32001, "the client did not answer in time"),
        AskOutcome::SessionClosed => (-32000, "the client's session ended before it answered"),
        AskOutcome::Ok
        | AskOutcome::Error
        | AskOutcome::Cancelled
        | AskOutcome::Lost
        | AskOutcome::Answered => (-32603, "the request is over"),
    }
}
