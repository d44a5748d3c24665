//! Notifications of the server, each to those it is about.

use bytes::Bytes;

use super::{
    Hub, Server, attribution::named_call, calls::Owner, cx::Cx, delivery::Asker, levels::Level,
};
use crate::{
    envelope::{Notification, Params, Raw},
    event::{DropReason, HubEvent, Side},
    message::{self, Edit},
    protocol::MethodLabel,
};

impl Hub {
    /// Takes one notification of the server.
    pub(super) fn server_note(&mut self, cx: &mut Cx<'_>, line: &Bytes, note: &Notification<'_>) {
        let method = note.method;
        match self.server {
            Server::Ready => {}
            Server::Down(_) | Server::Handshaking { .. } => {
                return cx.dropped(Side::Server, method, DropReason::NoServer);
            }
        }
        if is_list_changed(method) {
            let heard = self.list_changed(cx, line, note);
            return self.broadcast(cx, line, method, heard);
        }
        let Ok(params) = Params::peek(note.params) else {
            return cx.dropped(Side::Server, method, DropReason::Malformed);
        };
        if method == MethodLabel::Cancelled {
            return self.ask_cancelled(cx, line, params.request_id);
        }
        if method == MethodLabel::ResourcesUpdated {
            return self.resource_updated(cx, line, note.params, params.uri);
        }
        let passed = if method == MethodLabel::Progress {
            if let Some(minted) = params.token.and_then(Raw::integer) {
                self.unsure.arrived(minted);
            }
            self.progress(cx, line, params.token)
        } else {
            self.caused(
                cx,
                line,
                params.level.filter(|_| method == MethodLabel::LogMessage),
            )
        };
        match passed {
            Ok(()) => forwarded(cx, method, 1),
            Err(why) => cx.dropped(Side::Server, method, why),
        }
    }

    /// A list belongs to the server, not to a session: every session hears of its change once.
    fn broadcast(&self, cx: &mut Cx<'_>, line: &Bytes, method: MethodLabel, heard: usize) {
        let mut receivers = heard;
        for (key, session) in self.sessions.iter() {
            if session.client().is_some() && self.give_unrelated(cx, key, line.clone()) {
                receivers += 1;
            }
        }
        delivered(cx, method, receivers, DropReason::NoStream);
    }

    fn resource_updated(
        &self,
        cx: &mut Cx<'_>,
        line: &Bytes,
        params: Option<Raw<'_>>,
        uri: Option<Raw<'_>>,
    ) {
        let method = MethodLabel::ResourcesUpdated;
        let Some(uri) = uri.and_then(Raw::string) else {
            return cx.dropped(Side::Server, method, DropReason::Malformed);
        };
        let subscribers = self.subscriptions.subscribers(&uri);
        if subscribers.is_empty() {
            return cx.dropped(Side::Server, method, DropReason::NoSubscriber);
        }
        let reached = subscribers
            .iter()
            .filter(|key| {
                self.give_unrelated(cx, **key, line.clone())
                    || self.listen_hears(cx, **key, line, params)
            })
            .count();
        delivered(cx, method, reached, DropReason::NoStream);
    }

    /// Progress goes to the call whose minted id is its token, under the client's own token.
    fn progress(
        &self,
        cx: &mut Cx<'_>,
        line: &Bytes,
        token: Option<Raw<'_>>,
    ) -> Result<(), DropReason> {
        let token = token.ok_or(DropReason::Malformed)?;
        let call = token.integer().and_then(|minted| self.calls.get(minted));
        let owner = &call.ok_or(DropReason::Unmatched)?.owner;
        let Owner::Client(caller) = owner else {
            return Err(DropReason::Unmatched);
        };
        let own = caller.token.as_ref().ok_or(DropReason::Unmatched)?;
        let asker = Asker {
            session: caller.session,
            stream: caller.stream,
        };
        let stream = self.related(asker).ok_or(DropReason::NoStream)?;
        let edit = Edit {
            span: token.span(),
            with: own,
        };
        cx.client(stream, message::splice(line, &[edit], 0).freeze(), false);
        Ok(())
    }

    /// A log message, or one of a kind that we do not know, goes to the session that caused it.
    fn caused(
        &self,
        cx: &mut Cx<'_>,
        line: &Bytes,
        level: Option<Raw<'_>>,
    ) -> Result<(), DropReason> {
        let cause = match named_call(line) {
            Some(call) => self.cause_of_call(call),
            None => self.cause(),
        };
        let asker = cause.ok_or(DropReason::NotAttributable)?;
        let session = self
            .sessions
            .get(asker.session)
            .ok_or(DropReason::NotAttributable)?;
        let level = level
            .and_then(Raw::string)
            .and_then(|name| Level::parse(&name));
        if !session.hears(level) {
            return Err(DropReason::BelowLevel);
        }
        let stream = self.related(asker).ok_or(DropReason::NoStream)?;
        cx.client(stream, line.clone(), false);
        Ok(())
    }
}

const fn is_list_changed(method: MethodLabel) -> bool {
    matches!(
        method,
        MethodLabel::ToolsListChanged
            | MethodLabel::ResourcesListChanged
            | MethodLabel::PromptsListChanged
    )
}

fn delivered(cx: &mut Cx<'_>, method: MethodLabel, receivers: usize, otherwise: DropReason) {
    if receivers == 0 {
        cx.dropped(Side::Server, method, otherwise);
    } else {
        forwarded(cx, method, receivers);
    }
}

fn forwarded(cx: &mut Cx<'_>, method: MethodLabel, receivers: usize) {
    cx.event(HubEvent::NotificationForwarded {
        from: Side::Server,
        method,
        receivers,
    });
}
