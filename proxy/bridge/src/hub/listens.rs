//! `subscriptions/listen` of clients of 2026-07-28 (MCP 2026-07-28, Subscriptions): answered by the
//! bridge itself, whatever the server speaks.
//!
//! The list-changed messages that a listen wants are in its filter; the resources that it wants are
//! in [`super::subscriptions`] under its key, like those of any session.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;

use super::{
    Hub,
    calls::Effect,
    cx::Cx,
    sessions::{Client, RawId, SessionKey, visit_id},
    streams::{Settled, StreamUse},
    visiting::Visitor,
};
use crate::{
    envelope::{Capabilities, Notification, Raw},
    event::{Bound, HubEvent, Outcome},
    io::{CallKey, Now, StreamKey},
    limits::{MAX_RESOURCES, MAX_URI},
    message,
    modern::listening::{self, Filter},
    protocol::{MethodLabel, Revision},
    refusal::Refusal,
};

/// One open listen.
#[derive(Debug)]
struct Listen {
    call: CallKey,
    stream: StreamKey,
    id: RawId,
    filter: Filter,
    since: Now,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Listens(BTreeMap<SessionKey, Listen>);

impl Listens {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Hub {
    /// Opens a listen: what is honoured is told first, then what happens.
    pub(super) fn listen_modern(
        &mut self,
        cx: &mut Cx<'_>,
        visitor: &Visitor<'_>,
    ) -> Result<(), Refusal> {
        if self.listens.len() >= self.config.limits.max_listens {
            cx.overflow(Bound::Listens);
            return Err(Refusal::TooManyVisits);
        }
        let mut filter = Filter::of(visitor.asked.notifications)
            .ok_or(Refusal::InvalidParams("notifications must be a filter"))?;
        if let Some(offer) = &self.offer {
            filter.keep_offered(offer);
        }
        let client = Client {
            revision: Revision::V2026_07_28,
            capabilities: Capabilities::default(),
        };
        let key = self.sessions.insert_visit(client, None, cx.now);
        let stream = visitor.arrival.stream;
        self.streams.insert(stream, StreamUse::Visit(key));
        let uris = std::mem::take(&mut filter.uris);
        filter.uris = uris
            .into_iter()
            .filter(|uri| self.follow(cx, key, uri))
            .collect();
        let id: RawId = visitor.request.id.bytes().into();
        let call = self.next_call();
        cx.event(HubEvent::RequestStarted {
            call,
            stream: Some(stream),
            session: visit_id(),
            method: MethodLabel::SubscriptionsListen,
            tool: None,
            bytes: visitor.arrival.body.len(),
        });
        cx.client(stream, listening::acknowledged(&id, &filter), false);
        filter.uris = Vec::new();
        let since = cx.now;
        self.listens.0.insert(
            key,
            Listen {
                call,
                stream,
                id,
                filter,
                since,
            },
        );
        Ok(())
    }

    /// Subscribes a listen to a resource, within the bounds. Whether it is now.
    fn follow(&mut self, cx: &mut Cx<'_>, key: SessionKey, uri: &Arc<str>) -> bool {
        let full = self.subscriptions.count(key) >= self.config.limits.max_subscriptions
            || self.subscriptions.len() >= MAX_RESOURCES
            || uri.len() > MAX_URI;
        if full {
            cx.overflow(Bound::Subscriptions);
            return false;
        }
        let confirmed = self.subscriptions.confirmed(uri);
        self.subscriptions.add(uri, key);
        if !confirmed {
            let params = format!("{{\"uri\":{}}}", message::json(&**uri));
            let effect = Effect::Subscribe(uri.clone());
            self.own_call(cx, MethodLabel::ResourcesSubscribe, &params, effect);
        }
        true
    }

    /// A list has changed. How many listens were told.
    pub(super) fn list_changed(
        &mut self,
        cx: &mut Cx<'_>,
        line: &Bytes,
        note: &Notification<'_>,
    ) -> usize {
        if note.method == MethodLabel::ToolsListChanged {
            self.catalog.change();
        }
        let told = self.listens.0.values();
        let told = told.filter(|listen| listen.filter.wants(note.method));
        told.map(|listen| {
            cx.client(
                listen.stream,
                listening::tagged(line, note.params, &listen.id),
                false,
            );
        })
        .count()
    }

    /// Tells a listen of a resource that it follows. Whether it is one.
    pub(super) fn listen_hears(
        &self,
        cx: &mut Cx<'_>,
        key: SessionKey,
        line: &Bytes,
        params: Option<Raw<'_>>,
    ) -> bool {
        let Some(listen) = self.listens.0.get(&key) else {
            return false;
        };
        cx.client(
            listen.stream,
            listening::tagged(line, params, &listen.id),
            false,
        );
        true
    }

    /// Forgets a listen.
    pub(super) fn end_listen(&mut self, cx: &mut Cx<'_>, key: SessionKey) {
        let Some(listen) = self.listens.0.remove(&key) else {
            return;
        };
        cx.event(HubEvent::RequestFinished {
            call: listen.call,
            session: visit_id(),
            method: MethodLabel::SubscriptionsListen,
            tool: None,
            outcome: Outcome::Ok,
            duration: cx.now.saturating_sub(listen.since),
            bytes: 0,
        });
        self.untrack(cx, key);
    }

    /// Ends all listens as the specification has it: with a result, so that their clients know that
    /// nothing was lost.
    pub(super) fn close_listens(&mut self, cx: &mut Cx<'_>) {
        let keys: Vec<SessionKey> = self.listens.0.keys().copied().collect();
        for key in keys {
            if let Some(listen) = self.listens.0.get(&key)
                && self.streams.settle(listen.stream) != Settled::Gone
            {
                cx.client(listen.stream, listening::closed(&listen.id), true);
            }
            self.visit_gone(cx, key);
        }
    }
}
