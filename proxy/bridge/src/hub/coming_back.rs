//! Clients that come back with what a parked call waits for.

use bytes::Bytes;

use super::{
    Hub,
    asking::over,
    calls::Owner,
    cx::Cx,
    sessions::SessionKey,
    streams::StreamUse,
    visiting::Visitor,
    visits::{At, Pending},
};
use crate::{
    envelope::{Message, Raw, ResponseBody, peek},
    event::{AskOutcome, HubEvent},
    io::Output,
    limits::MAX_ID,
    message,
    modern::{
        Digest,
        decorate::{Decorated, decorate},
        input,
        state::State,
    },
    refusal::{Refusal, StateFault},
};

impl Hub {
    /// A client comes back.
    pub(super) fn come_back(
        &mut self,
        cx: &mut Cx<'_>,
        visitor: &Visitor<'_>,
        digest: Option<Digest>,
    ) -> Result<(), Refusal> {
        let key = self.parked_for(cx, visitor, digest)?;
        let body = &visitor.arrival.body;
        let mut given = input::responses(body, visitor.asked.responses)?;
        if self.give_kept(cx, key, visitor) {
            return Ok(());
        }
        let answered = self.visits.change(key, |visit| {
            let (answered, left) = std::mem::take(&mut visit.wants)
                .into_iter()
                .partition(|pending| given.contains_key(&pending.want.key));
            visit.wants = left;
            visit.round += 1;
            visit.id = visitor.request.id.bytes().into();
            visit.stream = visitor.arrival.stream;
            visit.since = cx.now;
            visit.at = At::Answering;
            let answered: Vec<Pending> = answered;
            answered
        });
        self.take_over(cx, key, visitor);
        for pending in answered.unwrap_or_default() {
            let response = given.remove(&pending.want.key);
            if let (Some(ask), Some(response)) = (self.asks.remove(pending.ask), response) {
                cx.server(message::line(&message::result(&ask.id, &response), &[]));
                over(cx, ask.method, AskOutcome::Ok, ask.started);
            }
        }
        if self
            .visits
            .get(key)
            .is_some_and(|visit| !visit.wants.is_empty())
        {
            self.require_input(cx, key);
        }
        Ok(())
    }

    /// The visit that waits for this client.
    fn parked_for(
        &self,
        cx: &Cx<'_>,
        visitor: &Visitor<'_>,
        digest: Option<Digest>,
    ) -> Result<SessionKey, Refusal> {
        let fault = Refusal::RequestState;
        let text = visitor.asked.state.and_then(Raw::string);
        let text = text.ok_or(Refusal::InvalidParams("requestState must be a string"))?;
        let (Some(digest), Some(secret)) = (digest, &self.config.secret) else {
            return Err(fault(StateFault::Forged));
        };
        let state = State::open(&text, secret, &digest, cx.now).map_err(fault)?;
        let key = SessionKey::numbered(state.call);
        let found = self
            .visits
            .get(key)
            .filter(|_| state.pod == self.config.pod);
        let visit = found.ok_or_else(|| fault(StateFault::Over))?;
        match visit.at {
            At::Parked { .. } | At::Done { .. } if visit.round == state.round => Ok(key),
            At::Answering | At::Gathering { .. } | At::Parked { .. } | At::Done { .. } => {
                Err(fault(StateFault::Used))
            }
        }
    }

    /// Gives the answer that came meanwhile. Whether there is one.
    fn give_kept(&mut self, cx: &mut Cx<'_>, key: SessionKey, visitor: &Visitor<'_>) -> bool {
        let Some(At::Done { line, .. }) = self.visits.get(key).map(|visit| visit.at.clone()) else {
            return false;
        };
        let (stream, method) = (visitor.arrival.stream, visitor.request.method);
        if let Ok(Message::Response(response)) = peek(&line) {
            let Decorated { message, status } =
                decorate(&line, &response, visitor.request.id.bytes(), method);
            match response.body {
                ResponseBody::Error(_) if status != 200 => {
                    cx.out.push(Output::Rejected {
                        stream,
                        status,
                        message,
                    });
                }
                ResponseBody::Error(_) | ResponseBody::Result(_) => {
                    let call = self.next_call();
                    cx.answered(call, visitor.arrival, method, message);
                }
            }
        }
        self.end_visit(cx, key);
        true
    }

    /// The parked call is answered to its client's new request.
    fn take_over(&mut self, cx: &mut Cx<'_>, key: SessionKey, visitor: &Visitor<'_>) {
        let (stream, request) = (visitor.arrival.stream, &visitor.request);
        let call = self.next_call();
        self.streams.insert(stream, StreamUse::Visit(key));
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        session.last_seen = cx.now;
        let calls = std::mem::take(&mut session.calls);
        let token = visitor
            .asked
            .token
            .filter(|token| token.text.len() <= MAX_ID);
        for minted in calls.into_values() {
            session.calls.insert(request.id.bytes().into(), minted);
            if let Some(Owner::Client(caller)) = self.calls.owner_mut(minted) {
                caller.call = call;
                caller.id = request.id.bytes().into();
                caller.stream = Some(stream);
                caller.token = token.map(|token| Bytes::copy_from_slice(token.bytes()));
            }
        }
        cx.event(HubEvent::RequestStarted {
            call,
            stream: Some(stream),
            session: super::sessions::visit_id(),
            method: request.method,
            tool: None,
            bytes: visitor.arrival.body.len(),
        });
    }
}
