//! Calls that wait at the server until their clients come back with what it asked for.

use super::{
    Hub,
    asking::{over, refuse},
    asks::Ask,
    cx::Cx,
    sessions::SessionKey,
    visits::{At, Pending},
};
use bytes::Bytes;

use crate::{
    envelope::{Capabilities, Request, share},
    event::{AskOutcome, Bound, HubEvent, Outcome},
    io::CallKey,
    limits::{GATHER, MAX_ID, MAX_WANTS},
    message,
    modern::{
        decorate::Decorated,
        input::{self, INPUT_KEY, Want},
        object::{members, only},
        state::State,
    },
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
    pub(super) fn require_input(&mut self, cx: &mut Cx<'_>, key: SessionKey) {
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
        if let Some(call) = self.call_of(key) {
            cx.event(HubEvent::RequestFinished {
                call,
                session: super::sessions::visit_id(),
                method,
                tool: None,
                outcome: Outcome::InputRequired,
                duration: cx.now.saturating_sub(visit.since),
                bytes: message.len(),
            });
        }
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

    /// What events call the request that a visit has at the server.
    fn call_of(&self, key: SessionKey) -> Option<CallKey> {
        let mut minted = self.sessions.get(key)?.calls.values();
        self.calls.get(*minted.next()?)?.key()
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
