//! What comes back for one call, and whether it has been answered.

use std::sync::OnceLock;

use bytes::Bytes;
use hivewright_bridge::{
    envelope::{self, InitializeResult, Message, ResponseBody},
    line::{Framed, MAX_LINE, Oversized},
    refusal::Refusal,
    sse_decoder::{Decoded, EventKind},
};
use http::{HeaderValue, StatusCode};
use hyper_util::client::legacy::Error;

use super::{
    failure::{self, Failure},
    streamable::Tools,
};
use crate::backend::output::LineSink;

/// Hands on what comes in the response to one message.
#[derive(Debug)]
pub(super) struct Reply<'a, L> {
    sink: &'a L,
    /// Empty for a message that has no answer.
    id: &'a [u8],
    /// Where the protocol version goes that the answer names.
    version: Option<&'a OnceLock<HeaderValue>>,
    /// Where the tools go that the answer lists, and whether it begins the list.
    tools: Option<(&'a Tools, bool)>,
    answered: bool,
    /// Something too long came that may have been the answer.
    discarded: bool,
}

impl<'a, L: LineSink> Reply<'a, L> {
    /// `id` is the call's raw id.
    pub(super) const fn new(sink: &'a L, id: &'a [u8]) -> Self {
        Self {
            sink,
            id,
            version: None,
            tools: None,
            answered: false,
            discarded: false,
        }
    }

    /// For a notification or an answer of ours: nobody waits for a reply, and failures are logged.
    pub(super) const fn nobody(sink: &'a L) -> Self {
        Self::new(sink, b"")
    }

    /// For `initialize`: keeps the version before anyone can use it.
    pub(super) const fn learning(mut self, version: &'a OnceLock<HeaderValue>) -> Self {
        self.version = Some(version);
        self
    }

    /// For `tools/list` of 2026-07-28: keeps what the tools want mirrored before anyone can call them.
    pub(super) const fn learning_tools(mut self, tools: &'a Tools, first: bool) -> Self {
        self.tools = Some((tools, first));
        self
    }

    /// The call's raw id.
    pub(super) const fn id(&self) -> &'a [u8] {
        self.id
    }

    /// Whether the call has its answer.
    pub(super) const fn answered(&self) -> bool {
        self.answered
    }

    /// An event of the response's stream.
    pub(super) fn event(&mut self, event: Decoded) {
        match event {
            Decoded::Event(EventKind::Message, data) => self.line(data),
            Decoded::Event(EventKind::Endpoint | EventKind::Other, _) => {}
            Decoded::Oversized(line) => self.oversized(line),
        }
    }

    /// A whole body.
    pub(super) fn framed(&mut self, framed: Framed) {
        match framed {
            Framed::Line(line) => self.line(line),
            Framed::Oversized(line) => self.oversized(line),
        }
    }

    /// There was no response.
    pub(super) fn broke(&mut self, error: &Error) {
        tracing::debug!(error = error as &dyn std::error::Error, "POST failed");
        self.fail(&if error.is_connect() {
            Failure::Unreachable
        } else {
            Failure::Broken
        });
    }

    /// The response was an error.
    pub(super) fn refused(&mut self, status: StatusCode, said: &[u8]) {
        match failure::carried(said, self.id).filter(|_| !self.id.is_empty()) {
            Some(line) if !self.answered => self.answer(line),
            Some(_) | None => self.fail(&Failure::status(status, said)),
        }
    }

    /// The call has no answer and gets none. Without effect if it has one.
    pub(super) fn fail(&mut self, failure: &Failure) {
        if self.answered {
            return;
        }
        tracing::warn!(reason = failure.reason(), error = %failure, "message to the server failed");
        if self.id.is_empty() {
            return;
        }
        self.answer(if self.discarded {
            Refusal::AnswerTooLong { limit: MAX_LINE }.body(Some(self.id))
        } else {
            failure.line(self.id)
        });
    }

    fn answer(&mut self, line: Bytes) {
        self.answered = true;
        self.sink.stdout(line);
    }

    fn line(&mut self, line: Bytes) {
        if line.trim_ascii().is_empty() {
            return;
        }
        self.answered = self.answered || answers(&line, self.id);
        if let Some((tools, first)) = self.tools {
            tools.learn(&line, first);
        }
        if let Some(version) = self
            .version
            .and_then(|kept| version(&line).map(|v| (kept, v)))
        {
            // The first answer counts; there is no second.
            let _ = version.0.set(version.1);
        }
        self.sink.stdout(line);
    }

    fn oversized(&mut self, line: Oversized) {
        let minted = envelope::id_at_the_ends(&line.head, &line.tail);
        let named = minted.is_some_and(|minted| minted.to_string().as_bytes() == self.id);
        self.answered = self.answered || named;
        self.discarded = true;
        discard(line, self.sink);
    }
}

/// An event of a stream that belongs to no call.
pub(super) fn forward(event: Decoded, sink: &impl LineSink) {
    match event {
        Decoded::Event(EventKind::Message, data) if !data.trim_ascii().is_empty() => {
            sink.stdout(data);
        }
        Decoded::Event(EventKind::Message | EventKind::Endpoint | EventKind::Other, _) => {}
        Decoded::Oversized(line) => discard(line, sink),
    }
}

fn discard(line: Oversized, sink: &impl LineSink) {
    tracing::warn!(bytes = line.bytes, "message over the bound was discarded");
    sink.stdout_oversized(line);
}

/// Whether the line, or a message of the batch that it is (MCP 2025-03-26), answers this call.
fn answers(line: &Bytes, id: &[u8]) -> bool {
    if envelope::is_batch(line) {
        let all = envelope::elements(line).unwrap_or_default();
        return all.iter().any(|element| failure::names(element, id));
    }
    failure::names(line, id)
}

/// The protocol version in an answer to `initialize`.
fn version(line: &[u8]) -> Option<HeaderValue> {
    let Ok(Message::Response(response)) = envelope::peek(line) else {
        return None;
    };
    match response.body {
        ResponseBody::Result(result) => {
            let version = InitializeResult::peek(result.text)?
                .protocol_version
                .string()?;
            HeaderValue::from_str(&version).ok()
        }
        ResponseBody::Error(_) => None,
    }
}
