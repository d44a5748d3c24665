//! From a result that asks, to the client's answers, to the next round of the call.

use bytes::{BufMut, Bytes, BytesMut};

use super::{
    again,
    rounds::{Question, Round},
    wanted::{Read, Wanted, WantedInput, read},
};
use crate::{
    envelope::{Response, ResponseBody, share},
    event::{AskOutcome, Bound, DropReason, HubEvent, Outcome, Side},
    hub::{
        Hub, Server,
        calls::{Call, Owner},
        cx::Cx,
        delivery::Asker,
        kept,
        sessions::SessionKey,
    },
    io::StreamKey,
    limits::{MAX_INPUT_BYTES, MAX_ROUNDS},
    modern::input,
    protocol::{Era, MethodLabel},
    refusal::{InputFault, Refusal},
};

impl Hub {
    /// Looks whether the answer to a session's call asks for something first. Gives the call back if
    /// it does not.
    pub(in crate::hub) fn asked_first(
        &mut self,
        cx: &mut Cx<'_>,
        minted: u64,
        response: &Response<'_>,
        call: Call,
    ) -> Option<Call> {
        let (Some(_), ResponseBody::Result(result)) = (&call.again, response.body) else {
            return Some(call);
        };
        match read(result) {
            Read::Complete => return Some(call),
            Read::Malformed => self.input_missing(cx, &call, InputFault::Malformed),
            Read::Wanted(wanted) => self.begin_round(cx, minted, call, wanted),
        }
        None
    }

    fn begin_round(&mut self, cx: &mut Cx<'_>, minted: u64, call: Call, wanted: Wanted<'_>) {
        let (session, stream) = match self.check_round(cx, &call, &wanted) {
            Ok(found) => found,
            Err(fault) => return self.input_missing(cx, &call, fault),
        };
        let keys = wanted.inputs.iter().map(|input| (input.key.clone(), None));
        let round = Round {
            call,
            state: wanted.state,
            inputs: keys.collect(),
        };
        if wanted.inputs.is_empty() {
            return self.next_round(cx, round);
        }
        self.rounds.insert(minted, round);
        for (at, input) in wanted.inputs.iter().enumerate() {
            let question = Question {
                session,
                round: minted,
                at,
                method: input.method,
                asked: cx.now,
            };
            self.put_question(cx, stream, question, input);
        }
    }

    /// Whether the client can be asked all of it, and where.
    fn check_round(
        &self,
        cx: &mut Cx<'_>,
        call: &Call,
        wanted: &Wanted<'_>,
    ) -> Result<(SessionKey, Option<StreamKey>), InputFault> {
        let Owner::Client(caller) = &call.owner else {
            return Err(InputFault::Malformed);
        };
        match &call.again {
            Some(again) if again.round >= MAX_ROUNDS => return Err(InputFault::TooManyRounds),
            Some(again) if again.line.is_some() => {}
            Some(_) | None => return Err(InputFault::NotKept),
        }
        if self.asks.len() + self.rounds.len() + wanted.inputs.len() > self.config.limits.max_asks {
            cx.overflow(Bound::Asks);
            return Err(InputFault::TooMany);
        }
        let session = self.sessions.get(caller.session);
        let client = session.and_then(|session| session.client());
        let declared = client.ok_or(InputFault::NoStream)?.capabilities;
        let able = |input: &WantedInput<'_>| {
            input::needs(input.method).is_some_and(|needed| needed.within(declared))
        };
        if !wanted.inputs.iter().all(able) {
            return Err(InputFault::NotCapable);
        }
        let asker = Asker {
            session: caller.session,
            stream: caller.stream,
        };
        let stream = self.related(asker);
        if stream.is_none() && !wanted.inputs.is_empty() {
            return Err(InputFault::NoStream);
        }
        Ok((caller.session, stream))
    }

    fn put_question(
        &mut self,
        cx: &mut Cx<'_>,
        stream: Option<StreamKey>,
        question: Question,
        input: &WantedInput<'_>,
    ) {
        let id = self.mint();
        self.rounds.ask(id, question);
        let mut message = BytesMut::with_capacity(128);
        let method = question.method.as_str();
        message.put_slice(format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}""#).as_bytes());
        if let Some(params) = input.params {
            message.put_slice(b",\"params\":");
            message.put_slice(params.bytes());
        }
        message.put_u8(b'}');
        if let Some(stream) = stream {
            cx.client(stream, message.freeze(), false);
        }
        if let Some(session) = self.sessions.get(question.session) {
            cx.event(HubEvent::AskStarted {
                session: session.id.clone(),
                method: question.method,
            });
        }
    }

    /// Takes the client's answer to such a question. Whether it was one.
    pub(in crate::hub) fn question_answered(
        &mut self,
        cx: &mut Cx<'_>,
        session: SessionKey,
        body: &Bytes,
        response: &Response<'_>,
    ) -> bool {
        let minted = response.minted_id();
        let Some(question) = minted.and_then(|id| self.rounds.answer(id, session)) else {
            return false;
        };
        match response.body {
            ResponseBody::Error(_) => {
                over(cx, &question, AskOutcome::Error);
                self.end_round(
                    cx,
                    question.round,
                    AskOutcome::Cancelled,
                    InputFault::Refused,
                );
            }
            ResponseBody::Result(result)
                if self.rounds.bytes() + result.text.len() > MAX_INPUT_BYTES =>
            {
                cx.overflow(Bound::InputBytes);
                over(cx, &question, AskOutcome::TooMany);
                self.end_round(
                    cx,
                    question.round,
                    AskOutcome::Cancelled,
                    InputFault::TooLarge,
                );
            }
            ResponseBody::Result(result) => {
                over(cx, &question, AskOutcome::Ok);
                if let Some(round) = self.rounds.give(&question, share(body, result)) {
                    self.next_round(cx, round);
                }
            }
        }
        true
    }

    /// Sends the call again, or holds it for the next process: the server keeps nothing of it.
    fn next_round(&mut self, cx: &mut Cx<'_>, round: Round) {
        let Round {
            mut call,
            state,
            inputs,
        } = round;
        let id = self.mint();
        let answers = inputs
            .iter()
            .filter_map(|(key, answer)| Some((&**key, &answer.as_ref()?[..])));
        let before = call.again.as_ref().and_then(|again| again.line.clone());
        let line = before.and_then(|before| again::line(&before, id, answers, state.as_deref()));
        let (Some(line), Some(again)) = (line, &mut call.again) else {
            return self.input_missing(cx, &call, InputFault::Malformed);
        };
        again.round += 1;
        call.started = cx.now;
        if let Owner::Client(caller) = &call.owner
            && let Some(session) = self.sessions.get_mut(caller.session)
        {
            session.calls.insert(caller.id.clone(), id);
            session.last_seen = cx.now;
        }
        match (self.server, self.server_era()) {
            (Server::Ready, Era::Modern) => cx.call(call.key(), line),
            // It asked for something in a manner that its successor does not know.
            (Server::Ready, Era::Legacy) => {
                return self.input_missing(cx, &call, InputFault::NotKept);
            }
            (Server::Down(_) | Server::Handshaking { .. }, _) => call.held = Some(line),
        }
        self.calls.insert(id, call);
    }

    /// Ends a call for want of the client's answers: the other questions are withdrawn.
    pub(in crate::hub) fn end_round(
        &mut self,
        cx: &mut Cx<'_>,
        id: u64,
        outcome: AskOutcome,
        fault: InputFault,
    ) {
        if let Some(call) = self.withdraw_round(cx, id, outcome) {
            self.input_missing(cx, &call, fault);
        }
    }

    /// Takes a call out of its round and its open questions back.
    pub(in crate::hub) fn withdraw_round(
        &mut self,
        cx: &mut Cx<'_>,
        id: u64,
        outcome: AskOutcome,
    ) -> Option<Call> {
        let (round, open) = self.rounds.remove(id)?;
        let Owner::Client(caller) = &round.call.owner else {
            return None;
        };
        let asker = Asker {
            session: caller.session,
            stream: caller.stream,
        };
        for (question, asked) in open {
            let withdrawn = kept::cancelled(question, "the server does not wait for it any more");
            match self.related(asker) {
                Some(stream) => cx.client(stream, Bytes::from(withdrawn), false),
                None => {
                    cx.dropped(Side::Server, MethodLabel::Cancelled, DropReason::NoStream);
                }
            }
            over(cx, &asked, outcome);
        }
        Some(round.call)
    }

    /// No process will come any more.
    pub(in crate::hub) fn end_rounds(&mut self, cx: &mut Cx<'_>, refusal: &Refusal) {
        for id in self.rounds.ids() {
            if let Some(call) = self.withdraw_round(cx, id, AskOutcome::Lost) {
                self.untie(cx, &call);
                self.fail(cx, &call, Outcome::Unavailable, refusal.clone());
            }
        }
    }

    fn input_missing(&mut self, cx: &mut Cx<'_>, call: &Call, fault: InputFault) {
        self.untie(cx, call);
        self.fail(cx, call, Outcome::Refused, Refusal::InputMissing(fault));
    }
}

fn over(cx: &mut Cx<'_>, question: &Question, outcome: AskOutcome) {
    cx.event(HubEvent::AskFinished {
        method: question.method,
        outcome,
        duration: cx.now.saturating_sub(question.asked),
    });
}
