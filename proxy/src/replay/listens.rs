//! The listens of a recorded server of 2026-07-28, under the ids of now.
//!
//! Every message of a listen names the request that began it (MCP 2026-07-28, Subscriptions), and a
//! bridge takes no other for its own.

use hivewright_bridge::{
    envelope::{self, Message, Notification},
    modern::{
        listening,
        meta::SUBSCRIPTION_ID,
        object::{members, only},
    },
    protocol::MethodLabel,
};

/// The listens of this process: the exchange that each repeats, and its raw id.
#[derive(Clone, Debug, Default)]
pub(super) struct Listens(Vec<(usize, Vec<u8>)>);

impl Listens {
    /// A fresh process has none.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// A client begins to listen as in this exchange. One before it that did so is over: a bridge
    /// has one listen at a time.
    pub(super) fn began(&mut self, exchange: usize, id: Vec<u8>) {
        self.0.retain(|(other, _)| *other != exchange);
        self.0.push((exchange, id));
    }

    /// What the listen of this exchange was told, under its id of now. One that nobody has begun
    /// again is told to the latest, which asks for the same and perhaps more; to none if there is
    /// none.
    pub(super) fn told(&self, exchange: usize, line: &[u8]) -> Option<Vec<u8>> {
        let same = self.0.iter().find(|(other, _)| *other == exchange);
        let (_, id) = same.or_else(|| self.0.last())?;
        let Ok(Message::Notification(note)) = envelope::peek(line) else {
            return None;
        };
        Some(listening::tagged(line, note.params, id).to_vec())
    }
}

/// The raw id of the listen that a notification is for, if it is for one.
pub(super) fn subscription(note: &Notification<'_>) -> Option<Vec<u8>> {
    let params = members(note.params?)?;
    let meta = only(&params, "_meta").ok()??;
    let id = only(&members(meta)?, SUBSCRIPTION_ID).ok()??;
    Some(id.bytes().to_vec())
}

/// Whether it is the first message of a listen.
pub(super) fn is_acknowledgement(note: &Notification<'_>) -> bool {
    note.method == MethodLabel::SubscriptionsAcknowledged
}
