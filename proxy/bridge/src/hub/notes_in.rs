//! Notifications of clients.

use bytes::Bytes;

use super::{
    Hub, Server,
    calls::{Call, Owner},
    cx::Cx,
    delivery::Asker,
    kept,
    sessions::SessionKey,
};
use crate::{
    envelope::{Notification, Params, Raw},
    event::{AskOutcome, DropReason, HubEvent, Outcome, Side},
    message::{self, Edit},
    protocol::{Era, MethodLabel},
};

impl Hub {
    /// Takes one notification of a session.
    pub(super) fn client_note(
        &mut self,
        cx: &mut Cx<'_>,
        key: SessionKey,
        body: &Bytes,
        note: &Notification<'_>,
    ) {
        let Ok(params) = Params::peek(note.params) else {
            return cx.dropped(Side::Client, note.method, DropReason::Malformed);
        };
        if note.method == MethodLabel::Cancelled {
            return self.cancelled_by_client(cx, key, body, params.request_id);
        }
        match self.note_stays(key, note.method, &params) {
            Some(why) => cx.dropped(Side::Client, note.method, why),
            None => forward(cx, note.method, message::line(body, &[])),
        }
    }

    /// Why a notification does not go to the server, if so.
    fn note_stays(
        &self,
        key: SessionKey,
        method: MethodLabel,
        params: &Params<'_>,
    ) -> Option<DropReason> {
        if method == MethodLabel::Initialized {
            // The server was told once, by us.
            return Some(DropReason::Absorbed);
        }
        let absent = match self.server {
            Server::Ready => self
                .sessions
                .get(key)
                .is_none_or(|session| session.client().is_none()),
            Server::Down(_) | Server::Handshaking { .. } => true,
        };
        if absent {
            return Some(DropReason::NoServer);
        }
        let spoken = match self.server_era() {
            Era::Legacy => true,
            // There it asks for roots when it needs them, and never hears how a question goes on.
            Era::Modern => !matches!(
                method,
                MethodLabel::RootsListChanged | MethodLabel::Progress
            ),
        };
        if !spoken {
            return Some(DropReason::Absorbed);
        }
        if method == MethodLabel::Progress {
            let token = params.token.map_or(&b""[..], Raw::bytes);
            return (!self.asks.has_token(key, token)).then_some(DropReason::Unmatched);
        }
        // The server will ask for roots in turn, and only with one session it is clear whose.
        let several =
            method == MethodLabel::RootsListChanged && self.sessions.only_open() != Some(key);
        several.then_some(DropReason::NotAttributable)
    }

    /// `notifications/cancelled`: only a call of the same session, and never `initialize`, which is
    /// in no table (MCP, Cancellation).
    fn cancelled_by_client(
        &mut self,
        cx: &mut Cx<'_>,
        key: SessionKey,
        body: &Bytes,
        id: Option<Raw<'_>>,
    ) {
        let found = id.and_then(|id| {
            let minted = self.sessions.get_mut(key)?.calls.remove(id.bytes())?;
            Some((id, minted))
        });
        let Some((id, minted)) = found else {
            return cx.dropped(Side::Client, MethodLabel::Cancelled, DropReason::Unmatched);
        };
        let Some(call) = self.calls.remove(minted) else {
            return match self.withdraw_round(cx, minted, AskOutcome::Cancelled) {
                Some(call) => self.given_up(cx, key, &call),
                None => cx.dropped(Side::Client, MethodLabel::Cancelled, DropReason::Unmatched),
            };
        };
        if call.held.is_none() {
            let digits = minted.to_string();
            let edit = Edit {
                span: id.span(),
                with: digits.as_bytes(),
            };
            forward(cx, MethodLabel::Cancelled, message::line(body, &[edit]));
            self.calls.haunt(minted, key, cx.now);
        }
        self.given_up(cx, key, &call);
    }

    /// The client does not want the answer to a call any more, which is in no table.
    fn given_up(&mut self, cx: &mut Cx<'_>, key: SessionKey, call: &Call) {
        Self::finished(cx, call, Outcome::Cancelled, 0);
        if let Owner::Client(caller) = &call.owner {
            self.give_nothing(
                cx,
                Asker {
                    session: key,
                    stream: caller.stream,
                },
            );
        }
    }

    /// Cancels a call, which is in no table any more, at the server.
    pub(super) fn cancel_at_server(
        &mut self,
        cx: &mut Cx<'_>,
        minted: u64,
        call: &Call,
        why: &'static str,
    ) {
        let Owner::Client(caller) = &call.owner else {
            return;
        };
        if call.held.is_none() {
            cx.server(Bytes::from(kept::cancelled(minted, why) + "\n"));
            self.calls.haunt(minted, caller.session, cx.now);
        }
    }
}

fn forward(cx: &mut Cx<'_>, method: MethodLabel, line: Bytes) {
    cx.server(line);
    cx.event(HubEvent::NotificationForwarded {
        from: Side::Client,
        method,
        receivers: 1,
    });
}
