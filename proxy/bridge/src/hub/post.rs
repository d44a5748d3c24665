//! A body in a session: one message, or a batch where the revision has batches.

use bytes::Bytes;

use super::{
    Hub,
    cx::Cx,
    delivery::Asker,
    sessions::{SessionKey, Stage},
    streams::StreamUse,
};
use crate::{
    envelope::{self, Message, PeekError, Request},
    event::{Door, HubEvent},
    io::StreamKey,
    protocol::MethodLabel,
    refusal::Refusal,
};

impl Hub {
    pub(super) fn post(
        &mut self,
        cx: &mut Cx<'_>,
        key: SessionKey,
        stream: StreamKey,
        body: &Bytes,
    ) {
        if envelope::is_batch(body) {
            return self.batch(cx, key, stream, body);
        }
        match envelope::peek(body) {
            Err(error) => cx.refuse(stream, error),
            Ok(Message::Request(request)) => self.single(cx, key, stream, (body, &request)),
            Ok(other @ (Message::Notification(_) | Message::Response(_))) => {
                cx.accept(stream);
                self.unanswered(cx, key, body, &other);
            }
        }
    }

    fn single(
        &mut self,
        cx: &mut Cx<'_>,
        key: SessionKey,
        stream: StreamKey,
        (body, request): (&Bytes, &Request<'_>),
    ) {
        let Some(session) = self.sessions.get(key) else {
            return;
        };
        let initialize = request.method == MethodLabel::Initialize;
        match session.stage {
            Stage::New if initialize => self.initialize_sse(cx, key, stream, request),
            Stage::Opening | Stage::Open(_) if initialize => {
                cx.refuse(stream, Refusal::AlreadyInitialized);
            }
            // MCP, Lifecycle, Initialization: nothing but pings before that. The error comes by the
            // stream, as every answer here: clients that try server/discover first go on from an
            // answer, and give up on a POST that is not accepted.
            Stage::New | Stage::Opening if request.method != MethodLabel::Ping => {
                let asker = self.owe(cx, key, stream, 1);
                let refusal = Refusal::NotInitialized;
                let answer = refusal.body(Some(request.id.text.as_bytes()));
                cx.event(HubEvent::Refused { refusal });
                self.give(cx, asker, answer);
            }
            Stage::New | Stage::Opening | Stage::Open(_) => {
                let asker = self.owe(cx, key, stream, 1);
                self.request(cx, asker, body, request);
            }
        }
    }

    /// Makes the POST's stream owe this many answers; a POST of an HTTP+SSE session owes none.
    fn owe(&mut self, cx: &mut Cx<'_>, key: SessionKey, stream: StreamKey, owed: usize) -> Asker {
        match self.sessions.get(key).map(|session| session.door) {
            Some(Door::Streamable | Door::Stateless) => {
                self.streams.insert(stream, StreamUse::Answers { owed });
                Asker {
                    session: key,
                    stream: Some(stream),
                }
            }
            Some(Door::Sse) | None => {
                cx.accept(stream);
                Asker {
                    session: key,
                    stream: None,
                }
            }
        }
    }

    /// Each message of a batch is handled by itself; its answers follow one by one on one stream
    /// (MCP 2025-03-26, Streamable HTTP, Sending Messages).
    fn batch(&mut self, cx: &mut Cx<'_>, key: SessionKey, stream: StreamKey, body: &Bytes) {
        let Some(session) = self.sessions.get(key) else {
            return;
        };
        if session
            .client()
            .is_none_or(|client| !client.revision.has_batches())
        {
            return cx.refuse(stream, Refusal::BatchNotAllowed);
        }
        let elements = match envelope::elements(body) {
            Ok(elements) => elements,
            Err(error) => return cx.refuse(stream, error),
        };
        let peeked: Vec<_> = elements
            .iter()
            .map(|element| envelope::peek(element))
            .collect();
        if peeked.iter().any(is_initialize) {
            return cx.refuse(stream, Refusal::InitializeInBatch);
        }
        let owed = peeked.iter().filter(|element| owes_answer(element)).count();
        let asker = if owed == 0 {
            cx.accept(stream);
            Asker {
                session: key,
                stream: None,
            }
        } else {
            self.owe(cx, key, stream, owed)
        };
        for (element, peeked) in elements.iter().zip(&peeked) {
            self.element(cx, asker, element, peeked);
        }
    }

    fn element(
        &mut self,
        cx: &mut Cx<'_>,
        asker: Asker,
        body: &Bytes,
        peeked: &Result<Message<'_>, PeekError>,
    ) {
        match peeked {
            Ok(Message::Request(request)) => self.request(cx, asker, body, request),
            Ok(other @ (Message::Notification(_) | Message::Response(_))) => {
                self.unanswered(cx, asker.session, body, other);
            }
            Err(error) => {
                let refusal = Refusal::from(*error);
                let answer = refusal.body(None);
                cx.event(HubEvent::Refused { refusal });
                self.give(cx, asker, answer);
            }
        }
    }

    /// A message that has no answer.
    fn unanswered(
        &mut self,
        cx: &mut Cx<'_>,
        key: SessionKey,
        body: &Bytes,
        message: &Message<'_>,
    ) {
        match message {
            Message::Request(_) => {}
            Message::Notification(note) => self.client_note(cx, key, body, note),
            Message::Response(response) => {
                if !self.question_answered(cx, key, body, response) {
                    self.ask_answered(cx, key, body, response);
                }
            }
        }
    }
}

fn is_initialize(element: &Result<Message<'_>, PeekError>) -> bool {
    match element {
        Ok(Message::Request(request)) => request.method == MethodLabel::Initialize,
        Ok(Message::Notification(_) | Message::Response(_)) | Err(_) => false,
    }
}

/// Requests are answered, and so is what is no message at all (JSON-RPC 2.0, section 6).
fn owes_answer(element: &Result<Message<'_>, PeekError>) -> bool {
    match element {
        Ok(Message::Request(_)) | Err(_) => true,
        Ok(Message::Notification(_) | Message::Response(_)) => false,
    }
}
