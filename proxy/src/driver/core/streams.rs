//! The open streams: how they begin, what they are given, how they end.

use std::sync::Arc;

use hivewright_bridge::{
    event::HubEvent,
    io::{FromClient, Input, StreamKey},
};

use super::{Core, Outer};
use crate::{
    driver::{
        client::StreamKind,
        stream::{Overflow, StreamItem, StreamSender},
    },
    exchange::Exchange,
    metrics::Queue,
};

#[derive(Debug)]
pub(super) struct OpenStream {
    pub(super) kind: StreamKind,
    sender: StreamSender,
    /// What it is the answer to, if that is to be written down.
    exchange: Option<Arc<Exchange>>,
    /// Its queue was full; the hub is about to say how it ends.
    overrun: bool,
}

impl Core {
    pub(in crate::driver) fn add_stream(
        &mut self,
        kind: StreamKind,
        sender: StreamSender,
    ) -> StreamKey {
        let key = StreamKey(self.next_key);
        self.next_key += 1;
        let open = OpenStream {
            kind,
            sender,
            exchange: None,
            overrun: false,
        };
        self.streams.insert(key, open);
        key
    }

    /// The next step is about this stream and this exchange.
    pub(in crate::driver) fn come(&mut self, stream: StreamKey, exchange: Option<Arc<Exchange>>) {
        if exchange.is_some()
            && let Some(open) = self.streams.get_mut(&stream)
        {
            open.exchange.clone_from(&exchange);
        }
        self.book.arrive(exchange);
    }

    /// Keeps the book of calls that are to be written down.
    pub(super) fn note(&mut self, event: &HubEvent) {
        let mut on = None;
        if let HubEvent::RequestStarted {
            stream: Some(stream),
            ..
        } = event
        {
            let open = self.streams.get(stream);
            on = open.and_then(|open| open.exchange.clone());
        }
        self.book.saw(event, on);
    }

    pub(in crate::driver) fn end_streams(&mut self, outer: &Outer<'_>, kind: StreamKind) {
        let of_kind = self
            .streams
            .iter()
            .filter(|(_, stream)| stream.kind == kind);
        let keys: Vec<StreamKey> = of_kind.map(|(key, _)| *key).collect();
        for key in keys {
            self.end(outer, key);
        }
    }

    /// Forgets the stream if all that it carries is an `initialize` that still waits. Whether it did.
    pub(in crate::driver) fn withdraw(&mut self, stream: StreamKey) -> bool {
        let waited = self.hub.withdraw(stream);
        if waited {
            self.streams.remove(&stream);
        }
        waited
    }

    /// Gives an item that may be followed by others. One past the bound is lost, and all that
    /// follows it: the hub then says what the client is told instead. A client that is away is told
    /// nothing; it will not find its stream again, since that could not be whole.
    pub(super) fn give(
        &mut self,
        outer: &Outer<'_>,
        stream: StreamKey,
        item: StreamItem,
    ) -> Option<Input> {
        let open = self.streams.get_mut(&stream).filter(|open| !open.overrun)?;
        let Err(Overflow) = open.sender.push(item, &self.pool) else {
            return None;
        };
        open.overrun = true;
        outer.metrics.overflow(Queue::Stream);
        if self.kept.is_left(stream) {
            self.kept.remove(stream);
            self.streams.remove(&stream);
            return Some(Input::Client(FromClient::Gone { stream }));
        }
        Some(Input::Client(FromClient::Overrun { stream }))
    }

    /// Gives the last item and forgets the stream. It always fits, so that every stream ends with
    /// what the hub has to say; only what nobody reads now is given up when memory is short.
    pub(super) fn finish(&mut self, stream: StreamKey, item: StreamItem) {
        if self.pool.is_scarce() && self.kept.is_left(stream) {
            self.kept.remove(stream);
        }
        if let Some(open) = self.streams.remove(&stream) {
            open.sender.push_last([item]);
        }
    }

    /// Ends a stream whose queue was full. A stream without calls of its own just ends.
    pub(super) fn last_words(&mut self, stream: StreamKey, errors: Vec<bytes::Bytes>) {
        if let Some(open) = self.streams.remove(&stream) {
            open.sender
                .push_last(errors.into_iter().map(StreamItem::Message));
        }
    }

    pub(super) fn accepted(&mut self, outer: &Outer<'_>, stream: StreamKey) -> Option<Input> {
        match self.streams.get(&stream)?.kind {
            StreamKind::Answer => {
                self.finish(stream, StreamItem::Accepted);
                None
            }
            StreamKind::Listener | StreamKind::Sse => {
                self.give(outer, stream, StreamItem::Accepted)
            }
        }
    }
}
