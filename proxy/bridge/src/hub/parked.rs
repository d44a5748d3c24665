//! Calls that wait at the server until their clients come back with what it asked for.

use super::{
    Hub,
    asking::{over, refuse},
    asks::Ask,
    calls::Owner,
    cx::Cx,
    sessions::SessionKey,
    streams::StreamUse,
    visiting::Visitor,
    visits::{At, Pending},
};
use bytes::Bytes;

use crate::{
    envelope::{Capabilities, Message, Raw, Request, ResponseBody, peek, share},
    event::{AskOutcome, Bound, HubEvent, Outcome},
    io::Output,
    limits::{GATHER, MAX_ID, MAX_WANTS},
    message,
    modern::{
        Digest,
        decorate::{Decorated, decorate},
        input::{self, INPUT_KEY, Want},
        object::{members, only},
        state::State,
    },
    refusal::{Refusal, StateFault},
};

impl Hub {
    /// The server asks something for a visit.
    pub(super) fn ask_visitor(
        &mut self,
        cx: &mut Cx<'_>,
        key: SessionKey,
        line: &Bytes,
        request: &Request<'_>,
    ) {
        if let Err(outcome) = self.want(cx, key, line, request) {
            refuse(cx, request.id.bytes(), request.method, outcome, cx.now);
        }
    }

    fn want(
        &mut self,
        cx: &mut Cx<'_>,
        key: SessionKey,
        line: &Bytes,
        request: &Request<'_>,
    ) -> Result<(), AskOutcome> {
        let needed = input::needs(request.method).ok_or(AskOutcome::NotCapable)?;
        let client = self.sessions.get(key).and_then(|session| session.client());
        let able = client.is_some_and(|client| covers(client.capabilities, needed));
        let visit = self.visits.get(key).ok_or(AskOutcome::NoStream)?;
        if !able || visit.digest.is_none() || self.config.secret.is_none() {
            self.visits
                .change(key, |visit| visit.lacking = both(visit.lacking, needed));
            return Err(AskOutcome::NotCapable);
        }
        let params = request.params.map(|params| share(line, params));
        let name = self.name_want(key, request);
        let given = self.visits.change(key, |visit| visit.given.remove(&name));
        if let Some(given) = given.flatten() {
            let answer = message::result(request.id.bytes(), &given);
            cx.server(message::line(&answer, &[]));
            over(cx, request.method, AskOutcome::Ok, cx.now);
            return Ok(());
        }
        self.room_to_park(cx, key, params.as_ref().map_or(0, Bytes::len))?;
        let ask = self.put_want(cx, key, request);
        let want = Want {
            key: name,
            method: request.method,
            params,
        };
        let until = cx.now + GATHER;
        self.visits.change(key, |visit| {
            visit.wants.push(Pending { ask, want });
            if visit.at == At::Answering {
                visit.at = At::Gathering { until };
            }
        });
        Ok(())
    }

    fn put_want(&mut self, cx: &mut Cx<'_>, key: SessionKey, request: &Request<'_>) -> u64 {
        let minted = self.mint();
        let ask = Ask {
            session: key,
            id: Bytes::copy_from_slice(request.id.bytes()),
            token: None,
            method: request.method,
            started: cx.now,
        };
        self.asks.insert(minted, ask);
        cx.event(HubEvent::AskStarted {
            session: super::sessions::visit_id(),
            method: request.method,
        });
        minted
    }

    fn room_to_park(
        &self,
        cx: &mut Cx<'_>,
        key: SessionKey,
        bytes: usize,
    ) -> Result<(), AskOutcome> {
        let limits = &self.config.limits;
        let wants = self.visits.get(key).map_or(0, |visit| visit.wants.len());
        let bound =
            if wants >= MAX_WANTS || (wants == 0 && self.visits.parked() >= limits.max_parked) {
                Some(Bound::Parked)
            } else if self.visits.kept() + bytes > limits.max_parked_bytes {
                Some(Bound::ParkedBytes)
            } else {
                None
            };
        let Some(bound) = bound else { return Ok(()) };
        cx.overflow(bound);
        Err(AskOutcome::TooMany)
    }

    /// The key under which the client is asked: the server's own, or one of ours; none that is
    /// waiting already.
    fn name_want(&mut self, key: SessionKey, request: &Request<'_>) -> String {
        let own = own_key(request);
        let named = self.visits.change(key, |visit| {
            let taken = |name: &str| visit.wants.iter().any(|pending| pending.want.key == name);
            if let Some(own) = own.filter(|own| !taken(own)) {
                return own;
            }
            loop {
                visit.names += 1;
                let name = format!("{}-{}", input::word(request.method), visit.names);
                if !taken(&name) {
                    return name;
                }
            }
        });
        named.unwrap_or_default()
    }

    /// Does what is due for visits.
    pub(super) fn expire_visits(&mut self, cx: &mut Cx<'_>) {
        while let Some((key, due)) = self.visits.first_due()
            && due <= cx.now
        {
            match self.visits.get(key).map(|visit| visit.at.clone()) {
                Some(At::Gathering { .. }) => self.require_input(cx, key),
                Some(At::Parked { .. } | At::Done { .. } | At::Answering) | None => {
                    self.withdraw_wants(cx, key, AskOutcome::TimedOut);
                    self.cancel_visit(cx, key, Outcome::TimedOut);
                    self.end_visit(cx, key);
                }
            }
        }
    }

    /// Tells the client what is asked; from now on the call is parked.
    fn require_input(&mut self, cx: &mut Cx<'_>, key: SessionKey) {
        let until = cx.now + self.config.limits.park_timeout;
        let pod = self.config.pod;
        let state = |round| State {
            pod,
            call: key.number(),
            round,
            expires: until.as_secs(),
        };
        let Some(visit) = self.visits.get(key) else {
            return;
        };
        let (Some(digest), Some(secret)) = (&visit.digest, &self.config.secret) else {
            return;
        };
        let state = state(visit.round).seal(secret, digest);
        let wants = visit.wants.iter().map(|pending| &pending.want);
        let message = input::required(&visit.id, wants, &state);
        let (stream, method) = (visit.stream, visit.method);
        cx.event(HubEvent::RequestFinished {
            session: super::sessions::visit_id(),
            method,
            tool: None,
            outcome: Outcome::InputRequired,
            duration: cx.now.saturating_sub(visit.since),
            bytes: message.len(),
        });
        self.visits
            .change(key, |visit| visit.at = At::Parked { until });
        self.tell_visitor(
            cx,
            stream,
            Decorated {
                message,
                status: 200,
            },
            method,
        );
    }

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
                    cx.answered(visitor.arrival, method, message);
                }
            }
        }
        self.end_visit(cx, key);
        true
    }

    /// The parked call is answered to its client's new request.
    fn take_over(&mut self, cx: &mut Cx<'_>, key: SessionKey, visitor: &Visitor<'_>) {
        let (stream, request) = (visitor.arrival.stream, &visitor.request);
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
                caller.id = request.id.bytes().into();
                caller.stream = Some(stream);
                caller.token = token.map(|token| Bytes::copy_from_slice(token.bytes()));
            }
        }
        cx.event(HubEvent::RequestStarted {
            session: super::sessions::visit_id(),
            method: request.method,
            tool: None,
            bytes: visitor.arrival.body.len(),
        });
    }

    /// The server does not wait any more for something that it asked.
    pub(super) fn want_over(&mut self, key: SessionKey, ask: u64) {
        self.visits.change(key, |visit| {
            visit.wants.retain(|pending| pending.ask != ask);
            if visit.wants.is_empty() && matches!(visit.at, At::Gathering { .. }) {
                visit.at = At::Answering;
            }
        });
    }
}

/// The key that the server itself gives to what it asks.
fn own_key(request: &Request<'_>) -> Option<String> {
    let params = members(request.params?)?;
    let meta = members(only(&params, "_meta").ok()??)?;
    let key = only(&meta, INPUT_KEY).ok()??.string()?;
    (!key.is_empty() && key.len() <= MAX_ID).then(|| key.into_owned())
}

const fn covers(declared: Capabilities, needed: Capabilities) -> bool {
    (declared.sampling || !needed.sampling)
        && (declared.elicitation || !needed.elicitation)
        && (declared.roots || !needed.roots)
}

const fn both(a: Capabilities, b: Capabilities) -> Capabilities {
    Capabilities {
        sampling: a.sampling || b.sampling,
        elicitation: a.elicitation || b.elicitation,
        roots: a.roots || b.roots,
    }
}
