//! The one `subscriptions/listen` of the bridge at a server of 2026-07-28, for all of its clients
//! (MCP 2026-07-28, Subscriptions).
//!
//! A listen cannot be changed: another one takes its place, and the first is cancelled when the
//! second has been acknowledged, so that nothing is missed and nothing comes twice.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;

use crate::{
    envelope::{self, Message, Notification, Params, Raw},
    event::{DropReason, Side},
    hub::{Hub, Server, cx::Cx, kept},
    io::Now,
    limits::{LISTEN_ACK_WAIT, RELISTEN_AFTER},
    message::{self, Edit},
    modern::{
        meta::SUBSCRIPTION_ID,
        object::{cuts, members, only},
    },
    protocol::{Era, MethodLabel},
};

/// What the server is asked to tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Wants {
    #[serde(skip_serializing_if = "is_false")]
    tools_list_changed: bool,
    #[serde(skip_serializing_if = "is_false")]
    prompts_list_changed: bool,
    #[serde(skip_serializing_if = "is_false")]
    resources_list_changed: bool,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    resource_subscriptions: Vec<Box<str>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[derive(Serialize)]
struct ListenParams<'a> {
    notifications: &'a Wants,
    #[serde(rename = "_meta")]
    meta: kept::OwnMeta<'a>,
}

#[derive(Debug)]
struct Listen {
    id: u64,
    wants: Wants,
    sent: Now,
}

/// The listen at the server, and the one that is to follow it.
#[derive(Debug, Default)]
pub(in crate::hub) struct Upstream {
    current: Option<Listen>,
    /// Not acknowledged yet.
    next: Option<Listen>,
    /// What the server refused: it is not asked for the same again.
    refused: Option<Wants>,
    /// Not before then, because the server ended one.
    after: Option<Now>,
}

impl Upstream {
    /// When it goes on by itself.
    pub(in crate::hub) fn due(&self) -> Option<Now> {
        let unanswered = self.next.as_ref().map(|next| next.sent + LISTEN_ACK_WAIT);
        unanswered.into_iter().chain(self.after).min()
    }

    /// Takes the listen with this id out, if there is one.
    fn remove(&mut self, id: u64) -> Option<Listen> {
        let named = |listen: &mut Listen| listen.id == id;
        self.next
            .take_if(named)
            .or_else(|| self.current.take_if(named))
    }
}

impl Hub {
    /// Asks the server for what is wanted now, if it tells something else.
    pub(in crate::hub) fn sync_listen(&mut self, cx: &mut Cx<'_>) {
        match (self.server, self.server_era()) {
            (Server::Ready, Era::Modern) => {}
            (Server::Ready, Era::Legacy) | (Server::Down(_) | Server::Handshaking { .. }, _) => {
                return;
            }
        }
        if self.upstream.next.is_some() || self.upstream.after.is_some_and(|after| after > cx.now) {
            return;
        }
        self.upstream.after = None;
        let wants = self.wants();
        if wants == Wants::default() {
            return self.replace_listen(cx, None);
        }
        let current = self.upstream.current.as_ref().map(|listen| &listen.wants);
        if current == Some(&wants) || self.upstream.refused.as_ref() == Some(&wants) {
            return;
        }
        let id = self.mint();
        let params = message::json(&ListenParams {
            notifications: &wants,
            meta: kept::OwnMeta::new(&self.config.version),
        });
        let method = MethodLabel::SubscriptionsListen.as_str();
        cx.server(kept::request_line(id, method, &params));
        let sent = cx.now;
        self.upstream.next = Some(Listen { id, wants, sent });
    }

    /// Lists belong to all, so their changes are always told; resources are named by subscribers.
    fn wants(&self) -> Wants {
        let Some(offer) = self.kept.as_ref().map(|kept| &kept.offer) else {
            return Wants::default();
        };
        let uris = if offer.subscribe {
            self.subscriptions.uris()
        } else {
            Vec::new()
        };
        Wants {
            tools_list_changed: offer.tools_change,
            prompts_list_changed: offer.prompts_change,
            resources_list_changed: offer.resources_change,
            resource_subscriptions: uris.iter().map(|uri: &Arc<str>| (**uri).into()).collect(),
        }
    }

    fn replace_listen(&mut self, cx: &mut Cx<'_>, next: Option<Listen>) {
        if let Some(old) = std::mem::replace(&mut self.upstream.current, next) {
            let cancelled = kept::cancelled(old.id, "another subscription takes its place");
            cx.server(Bytes::from(cancelled + "\n"));
        }
    }

    /// The server ended a listen. Whether it was one of ours.
    pub(in crate::hub) fn listen_ended(&mut self, cx: &mut Cx<'_>, id: u64, refused: bool) -> bool {
        let Some(listen) = self.upstream.remove(id) else {
            return false;
        };
        if refused {
            self.upstream.refused = Some(listen.wants);
            self.sync_listen(cx);
        } else {
            self.upstream.after = Some(cx.now + RELISTEN_AFTER);
        }
        true
    }

    /// What is due: a listen that was never acknowledged counts all the same.
    pub(in crate::hub) fn expire_listen(&mut self, cx: &mut Cx<'_>) {
        if self.upstream.due().is_none_or(|due| due > cx.now) {
            return;
        }
        let late = |next: &mut Listen| next.sent + LISTEN_ACK_WAIT <= cx.now;
        if let Some(next) = self.upstream.next.take_if(late) {
            self.replace_listen(cx, Some(next));
        }
        self.sync_listen(cx);
    }

    /// Takes one notification of the server, of whichever era.
    pub(in crate::hub) fn note_of_server(
        &mut self,
        cx: &mut Cx<'_>,
        line: &Bytes,
        note: &Notification<'_>,
    ) {
        match self.server_era() {
            Era::Legacy => return self.server_note(cx, line, note),
            Era::Modern => {}
        }
        if note.method == MethodLabel::SubscriptionsAcknowledged {
            self.listen_acknowledged(cx, note);
        } else if note.method == MethodLabel::Cancelled {
            let params = Params::peek(note.params).unwrap_or_default();
            let id = params.request_id.and_then(Raw::integer);
            if !id.is_some_and(|id| self.listen_ended(cx, id, false)) {
                cx.dropped(Side::Server, note.method, DropReason::Unmatched);
            }
        } else if is_listened_for(note.method) {
            self.listened(cx, line, note);
        } else {
            self.server_note(cx, line, note);
        }
    }

    fn listen_acknowledged(&mut self, cx: &mut Cx<'_>, note: &Notification<'_>) {
        let id = subscription(note.params).map(|(_, id)| id);
        let acknowledged = |next: &mut Listen| Some(next.id) == id;
        match self.upstream.next.take_if(acknowledged) {
            Some(next) => {
                self.upstream.refused = None;
                self.replace_listen(cx, Some(next));
                self.sync_listen(cx);
            }
            None => cx.dropped(Side::Server, note.method, DropReason::Unmatched),
        }
    }

    /// A change that our listen brought, without the mark that says so.
    fn listened(&mut self, cx: &mut Cx<'_>, line: &Bytes, note: &Notification<'_>) {
        let found = subscription(note.params);
        let current = self.upstream.current.as_ref().map(|listen| listen.id);
        let Some((meta, _)) = found.filter(|(_, id)| Some(*id) == current) else {
            return cx.dropped(Side::Server, note.method, DropReason::Unmatched);
        };
        let all = members(meta).unwrap_or_default();
        let gone = cuts(meta, &all, |key| key == SUBSCRIPTION_ID);
        let edits: Vec<_> = gone
            .into_iter()
            .map(|span| Edit { span, with: b"" })
            .collect();
        let bare = message::splice(line, &edits, 0).freeze();
        if let Ok(Message::Notification(note)) = envelope::peek(&bare) {
            self.server_note(cx, &bare, &note);
        }
    }
}

/// What comes only because a listen asked for it.
const fn is_listened_for(method: MethodLabel) -> bool {
    matches!(
        method,
        MethodLabel::ToolsListChanged
            | MethodLabel::PromptsListChanged
            | MethodLabel::ResourcesListChanged
            | MethodLabel::ResourcesUpdated
    )
}

/// `_meta` of a message and the subscription that it says it is of.
fn subscription(params: Option<Raw<'_>>) -> Option<(Raw<'_>, u64)> {
    let params = members(params?)?;
    let meta = only(&params, "_meta").ok()??;
    let id = only(&members(meta)?, SUBSCRIPTION_ID).ok()??.integer()?;
    Some((meta, id))
}
