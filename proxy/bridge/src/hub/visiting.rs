//! A request of 2026-07-28 on its way in: checked, answered by the bridge, or sent to the server.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{
    Hub, Server,
    cx::Cx,
    delivery::Asker,
    hall::Arrival,
    levels::Level,
    sessions::{Client, SessionKey},
    streams::StreamUse,
    visits::{At, Visit},
};
use crate::{
    envelope::{self, Capabilities, Message, Raw, Request},
    event::{Bound, DropReason, HubEvent, Outcome, Side},
    io::{CallKey, Loss},
    message::{self, Edit},
    modern::{Digest, digest, headers, input, meta::Asked, mirrored, offer::Offer},
    protocol::{Era, MethodLabel, Revision},
    refusal::Refusal,
};

/// One request and what it says.
#[derive(Debug)]
pub(super) struct Visitor<'a> {
    pub(super) arrival: &'a Arrival,
    pub(super) request: Request<'a>,
    pub(super) asked: Asked<'a>,
}

impl Hub {
    /// A POST without a session, in the manner of 2026-07-28.
    pub(super) fn visit(&mut self, cx: &mut Cx<'_>, arrival: &Arrival) {
        let (stream, body) = (arrival.stream, &arrival.body);
        if envelope::is_batch(body) {
            return cx.refuse(stream, Refusal::NotARequest);
        }
        match envelope::peek(body) {
            Err(error) => cx.refuse(stream, error),
            Ok(Message::Response(_)) => cx.refuse(stream, Refusal::NotARequest),
            // None is defined for clients over HTTP (MCP 2026-07-28, Sending Messages).
            Ok(Message::Notification(note)) => {
                cx.accept(stream);
                cx.dropped(Side::Client, note.method, DropReason::Absorbed);
            }
            Ok(Message::Request(request)) => {
                if let Err(refusal) = self.admit_visit(cx, arrival, request) {
                    cx.reject(stream, refusal, request.id.bytes());
                }
            }
        }
    }

    fn admit_visit(
        &mut self,
        cx: &mut Cx<'_>,
        arrival: &Arrival,
        request: Request<'_>,
    ) -> Result<(), Refusal> {
        let asked = Asked::peek(request.params)
            .map_err(|_| Refusal::InvalidParams("a key that the bridge reads occurs twice"))?;
        let revision = headers::check(&arrival.head, &arrival.body, &request, &asked)?;
        let visitor = Visitor {
            arrival,
            request,
            asked,
        };
        let method = request.method;
        let known = self.beside_is_known(cx);
        let Some(offer) = &self.offer else {
            return if Offer::can_serve(method) {
                self.keep_waiting(cx, arrival)
            } else {
                Err(Refusal::MethodNotFound)
            };
        };
        if !offer.serves(method) {
            return Err(Refusal::MethodNotFound);
        }
        if method == MethodLabel::ServerDiscover {
            let answer = offer.discovered(request.id.bytes());
            cx.answered(self.next_call(), arrival, method, answer);
            return Ok(());
        }
        if !known {
            return self.keep_waiting(cx, arrival);
        }
        if method == MethodLabel::SubscriptionsListen {
            self.room_for_visit(cx)?;
            return self.listen_modern(cx, &visitor);
        }
        if method == MethodLabel::ToolsCall && !self.mirrors(cx, &visitor)? {
            return self.keep_waiting(cx, arrival);
        }
        self.enter_one(cx, &visitor, revision)
    }

    /// Whether the headers say what the tool wants them to say; false while that is not known.
    fn mirrors(&mut self, cx: &mut Cx<'_>, visitor: &Visitor<'_>) -> Result<bool, Refusal> {
        let name = visitor.asked.name.and_then(Raw::string).unwrap_or_default();
        let Some(annotations) = self.annotations(cx, &name) else {
            return Ok(false);
        };
        mirrored::check(&visitor.arrival.head, annotations, visitor.asked.arguments)?;
        Ok(true)
    }

    /// Puts the request aside until it can be looked at.
    fn keep_waiting(&mut self, cx: &mut Cx<'_>, arrival: &Arrival) -> Result<(), Refusal> {
        if self.server == Server::Down(Some(Loss::Draining)) {
            return Err(Refusal::Draining);
        }
        if let Some(bound) = self.hold_is_full(arrival.body.len()) {
            cx.overflow(bound);
            return Err(Refusal::ServerUnavailable(self.last_loss));
        }
        self.hall.push(arrival.clone());
        Ok(())
    }

    /// Looks at everybody who waits, again.
    pub(super) fn enter(&mut self, cx: &mut Cx<'_>) {
        for arrival in self.hall.take() {
            self.visit(cx, &arrival);
        }
    }

    /// Turns away those who waited in vain.
    pub(super) fn turn_visitors_away(cx: &mut Cx<'_>, all: Vec<Arrival>, why: &Refusal) {
        for arrival in all {
            match envelope::peek(&arrival.body) {
                Ok(Message::Request(request)) => {
                    cx.reject(arrival.stream, why.clone(), request.id.bytes());
                }
                Ok(Message::Notification(_) | Message::Response(_)) | Err(_) => {
                    cx.refuse(arrival.stream, why.clone());
                }
            }
        }
    }

    fn enter_one(
        &mut self,
        cx: &mut Cx<'_>,
        visitor: &Visitor<'_>,
        revision: Revision,
    ) -> Result<(), Refusal> {
        let Visitor {
            arrival,
            request,
            asked,
        } = visitor;
        let capabilities = Capabilities::peek(asked.capabilities);
        let level = level_of(asked)?;
        let era = self.visit_era();
        let may_ask = era == Era::Legacy && input::may_ask(request.method);
        let digest =
            (may_ask && capabilities != Capabilities::default()).then(|| digest_of(visitor));
        if may_ask && asked.state.is_some() {
            return self.come_back(cx, visitor, digest);
        }
        if self.server != Server::Ready {
            // The next process may be of another era.
            return self.keep_waiting(cx, arrival);
        }
        self.room_for_visit(cx)?;
        let given = if may_ask {
            self.given_before(cx, visitor)?
        } else {
            BTreeMap::new()
        };
        let client = Client {
            revision,
            capabilities,
        };
        let key = self.sessions.insert_visit(client, level, cx.now);
        self.streams.insert(arrival.stream, StreamUse::Visit(key));
        if may_ask {
            let visit = Visit {
                id: request.id.bytes().into(),
                stream: arrival.stream,
                since: cx.now,
                method: request.method,
                at: At::Answering,
                digest,
                round: 0,
                given,
                wants: Vec::new(),
                names: 0,
                lacking: Capabilities::default(),
            };
            self.visits.insert(key, visit);
        }
        self.put_to_server(cx, key, visitor, era);
        Ok(())
    }

    /// A client that comes back has its place already.
    fn room_for_visit(&self, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        if self.sessions.visits() < self.config.limits.max_visits {
            return Ok(());
        }
        cx.overflow(Bound::Visits);
        Err(Refusal::TooManyVisits)
    }

    /// What the client sent before it was asked: copied, so that it keeps no whole body.
    fn given_before(
        &self,
        cx: &mut Cx<'_>,
        visitor: &Visitor<'_>,
    ) -> Result<BTreeMap<String, Bytes>, Refusal> {
        let mut given = input::responses(&visitor.arrival.body, visitor.asked.responses)?;
        let bytes: usize = given.iter().map(|(key, one)| key.len() + one.len()).sum();
        if bytes > 0 && self.visits.kept() + bytes > self.config.limits.max_parked_bytes {
            cx.overflow(Bound::ParkedBytes);
            return Err(Refusal::TooManyVisits);
        }
        for one in given.values_mut() {
            *one = Bytes::copy_from_slice(one);
        }
        Ok(given)
    }

    /// Sends the request as the server's revision has it.
    fn put_to_server(&mut self, cx: &mut Cx<'_>, key: SessionKey, visitor: &Visitor<'_>, era: Era) {
        let asker = Asker {
            session: key,
            stream: Some(visitor.arrival.stream),
        };
        match era {
            Era::Modern => self.request(cx, asker, &visitor.arrival.body, &visitor.request),
            Era::Legacy => {
                if self.offer.as_ref().is_some_and(|offer| offer.logging) {
                    self.sync_level(cx);
                }
                let body = without_modern_parts(visitor);
                if let Ok(Message::Request(request)) = envelope::peek(&body) {
                    self.request(cx, asker, &body, &request);
                }
            }
        }
    }
}

fn without_modern_parts(visitor: &Visitor<'_>) -> Bytes {
    let parts = visitor.asked.modern_parts();
    let edits: Vec<Edit<'_>> = parts
        .into_iter()
        .map(|span| Edit { span, with: b"" })
        .collect();
    message::splice(&visitor.arrival.body, &edits, 0).freeze()
}

fn level_of(asked: &Asked<'_>) -> Result<Option<Level>, Refusal> {
    let Some(raw) = asked.level else {
        return Ok(None);
    };
    let level = raw.string().and_then(|name| Level::parse(&name));
    level
        .map(Some)
        .ok_or(Refusal::InvalidParams("logLevel must be a log level"))
}

pub(super) fn digest_of(visitor: &Visitor<'_>) -> Digest {
    let Visitor {
        arrival,
        request,
        asked,
    } = visitor;
    let parts = [asked.name, asked.uri, asked.arguments, asked.capabilities];
    digest(
        request.method.as_str(),
        &parts,
        arrival.head.principal.as_ref(),
    )
}

impl Cx<'_> {
    /// Refuses one request with its id.
    pub(super) fn reject(&mut self, stream: crate::io::StreamKey, refusal: Refusal, id: &[u8]) {
        let (status, message) = (
            refusal.http_status(),
            refusal.body_for(Era::Modern, Some(id)),
        );
        self.event(HubEvent::Refused { refusal });
        self.out.push(crate::io::Output::Rejected {
            stream,
            status,
            message,
        });
    }

    /// Gives an answer that the bridge knew.
    pub(super) fn answered(
        &mut self,
        call: CallKey,
        arrival: &Arrival,
        method: MethodLabel,
        answer: Bytes,
    ) {
        let session = super::sessions::visit_id();
        self.event(HubEvent::RequestStarted {
            call,
            stream: Some(arrival.stream),
            session: session.clone(),
            method,
            tool: None,
            bytes: arrival.body.len(),
        });
        self.event(HubEvent::RequestFinished {
            call,
            session,
            method,
            tool: None,
            outcome: Outcome::Ok,
            duration: self.now.saturating_sub(arrival.since),
            bytes: answer.len(),
        });
        self.client(arrival.stream, answer, true);
    }
}
