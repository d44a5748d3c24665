//! `initialize` of a client: answered from the server's kept handshake, or held until there is one.

use bytes::Bytes;

use super::{
    Hub, Server,
    cx::Cx,
    modern_server::introduction,
    sessions::{Client, SessionKey, Stage},
    waiting::{Waiter, Who},
};
use crate::{
    envelope::{self, Capabilities, Message, Params, Raw, Request},
    event::{Bound, Door, HubEvent, Outcome},
    io::{Loss, Output, SessionId, StreamKey},
    protocol::{MethodLabel, Revision},
    refusal::Refusal,
};

impl Hub {
    /// A POST without a session: `initialize`, or a refusal.
    pub(super) fn open(
        &mut self,
        cx: &mut Cx<'_>,
        session: SessionId,
        stream: StreamKey,
        body: &Bytes,
    ) {
        let opened = initialize_of(body).and_then(|request| {
            self.check_new_session(cx, &session)?;
            let client = client_of(&request)?;
            let who = Who::Streamable { session, stream };
            self.wait(
                cx,
                Waiter {
                    who,
                    id: request.id.bytes().into(),
                    client,
                    intro: introduction(request.params),
                    since: cx.now,
                },
            )
        });
        if let Err(refusal) = opened {
            cx.refuse(stream, refusal);
        }
    }

    /// `initialize` in an HTTP+SSE session; `post` is the POST that gets the verdict only.
    pub(super) fn initialize_sse(
        &mut self,
        cx: &mut Cx<'_>,
        key: SessionKey,
        post: StreamKey,
        request: &Request<'_>,
    ) {
        let opened = client_of(request).and_then(|client| {
            let who = Who::Sse(key);
            let waiter = Waiter {
                who,
                id: request.id.bytes().into(),
                client,
                intro: introduction(request.params),
                since: cx.now,
            };
            self.room_to_wait(cx)?;
            cx.accept(post);
            if let Some(session) = self.sessions.get_mut(key) {
                session.stage = Stage::Opening;
            }
            self.wait(cx, waiter)
        });
        if let Err(refusal) = opened {
            cx.refuse(post, refusal);
        }
    }

    fn wait(&mut self, cx: &mut Cx<'_>, waiter: Waiter) -> Result<(), Refusal> {
        match self.server {
            Server::Ready => self.welcome(cx, &waiter),
            Server::Down(_) | Server::Handshaking { .. } => {
                self.room_to_wait(cx)?;
                self.waiting.push(waiter);
            }
        }
        Ok(())
    }

    /// Whether a client may wait now; it need not if the server is there.
    fn room_to_wait(&self, cx: &mut Cx<'_>) -> Result<(), Refusal> {
        match self.server {
            Server::Ready => Ok(()),
            Server::Down(Some(Loss::Draining)) => Err(Refusal::Draining),
            Server::Down(_) | Server::Handshaking { .. } => {
                if self.waiting.len() >= self.config.limits.max_held {
                    cx.overflow(Bound::HeldCount);
                    return Err(Refusal::ServerUnavailable(self.last_loss));
                }
                Ok(())
            }
        }
    }

    /// Answers `initialize` and opens the session.
    pub(super) fn welcome(&mut self, cx: &mut Cx<'_>, waiter: &Waiter) {
        let Some(kept) = &self.kept else { return };
        let answer = kept.answer(&waiter.id, waiter.client.revision);
        let key = match &waiter.who {
            Who::Streamable { session, stream } => {
                cx.out.push(Output::Opened {
                    stream: *stream,
                    session: session.clone(),
                });
                let stage = Stage::Open(waiter.client);
                self.sessions
                    .insert(session.clone(), Door::Streamable, stage, cx.now)
            }
            Who::Sse(key) => *key,
        };
        self.announce(cx, key, waiter, answer.len());
        match &waiter.who {
            Who::Streamable { stream, .. } => cx.client(*stream, answer, true),
            Who::Sse(_) => {
                self.give_unrelated(cx, key, answer);
            }
        }
        self.watch_idle(cx);
    }

    fn announce(&mut self, cx: &mut Cx<'_>, key: SessionKey, waiter: &Waiter, bytes: usize) {
        let call = self.next_call();
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        session.stage = Stage::Open(waiter.client);
        session.intro = waiter.intro.clone();
        session.last_seen = cx.now;
        let (id, door, method) = (session.id.clone(), session.door, MethodLabel::Initialize);
        let revision = waiter.client.revision;
        cx.event(HubEvent::SessionOpened {
            session: id.clone(),
            door,
            revision,
        });
        let stream = match &waiter.who {
            Who::Streamable { stream, .. } => Some(*stream),
            Who::Sse(_) => None,
        };
        cx.event(HubEvent::RequestStarted {
            call,
            stream,
            session: id.clone(),
            method,
            tool: None,
            bytes: 0,
        });
        cx.event(HubEvent::RequestFinished {
            call,
            session: id,
            method,
            tool: None,
            outcome: Outcome::Ok,
            duration: cx.now.saturating_sub(waiter.since),
            bytes,
        });
    }

    /// Tells a client that waited in vain.
    pub(super) fn turn_away(&mut self, cx: &mut Cx<'_>, waiter: &Waiter, refusal: Refusal) {
        match &waiter.who {
            Who::Streamable { stream, .. } => cx.refuse(*stream, refusal),
            Who::Sse(key) => {
                if let Some(session) = self.sessions.get_mut(*key) {
                    session.stage = Stage::New;
                }
                let answer = refusal.body(Some(&waiter.id));
                cx.event(HubEvent::Refused { refusal });
                self.give_unrelated(cx, *key, answer);
            }
        }
    }
}

/// The `initialize` request that a body without a session must be.
fn initialize_of(body: &Bytes) -> Result<Request<'_>, Refusal> {
    if envelope::is_batch(body) {
        envelope::elements(body)?;
        return Err(Refusal::SessionRequired);
    }
    match envelope::peek(body)? {
        Message::Request(request) if request.method == MethodLabel::Initialize => Ok(request),
        Message::Request(_) | Message::Notification(_) | Message::Response(_) => {
            Err(Refusal::SessionRequired)
        }
    }
}

/// What the client says of itself. It gets the revision that it asks for if that is one of ours,
/// and otherwise our latest (MCP 2025-11-25, Lifecycle, Version Negotiation).
fn client_of(request: &Request<'_>) -> Result<Client, Refusal> {
    let params = Params::peek(request.params)
        .map_err(|_| Refusal::InvalidParams("a key of initialize occurs twice"))?;
    let version = params.protocol_version.and_then(Raw::string);
    let version = version.ok_or(Refusal::InvalidParams("protocolVersion must be a string"))?;
    Ok(Client {
        revision: Revision::parse_legacy(&version).unwrap_or(Revision::LATEST_LEGACY),
        capabilities: Capabilities::peek(params.capabilities),
    })
}
