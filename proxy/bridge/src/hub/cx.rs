//! What one step works with: the time, and the list of outputs.

use bytes::Bytes;

use crate::{
    event::{Bound, DropReason, HubEvent, Side},
    io::{CallKey, Now, Output, StreamKey},
    protocol::MethodLabel,
    refusal::Refusal,
};

/// The context of one [`super::Hub::step`].
#[derive(Debug)]
pub(super) struct Cx<'a> {
    pub(super) now: Now,
    pub(super) out: &'a mut Vec<Output>,
}

impl Cx<'_> {
    pub(super) fn event(&mut self, event: HubEvent) {
        self.out.push(Output::Event(event));
    }

    /// Writes a line that already has its newline.
    pub(super) fn server(&mut self, line: Bytes) {
        self.out.push(Output::ToServer(line));
    }

    /// As [`Cx::server`], for the line of a call; one of the bridge itself has no key.
    pub(super) fn call(&mut self, call: Option<CallKey>, line: Bytes) {
        if let Some(call) = call {
            self.event(HubEvent::RequestSent { call });
        }
        self.server(line);
    }

    pub(super) fn client(&mut self, stream: StreamKey, message: Bytes, last: bool) {
        self.out.push(Output::ToClient {
            stream,
            message,
            last,
        });
    }

    pub(super) fn accept(&mut self, stream: StreamKey) {
        self.out.push(Output::Accepted { stream });
    }

    pub(super) fn end(&mut self, stream: StreamKey) {
        self.out.push(Output::EndStream { stream });
    }

    pub(super) fn refuse(&mut self, stream: StreamKey, refusal: impl Into<Refusal>) {
        let refusal = refusal.into();
        self.event(HubEvent::Refused {
            refusal: refusal.clone(),
        });
        self.out.push(Output::Refused { stream, refusal });
    }

    pub(super) fn overflow(&mut self, bound: Bound) {
        self.event(HubEvent::Overflow { bound });
    }

    pub(super) fn dropped(&mut self, from: Side, method: MethodLabel, why: DropReason) {
        self.event(HubEvent::MessageDropped { from, method, why });
    }
}
