//! The server's requests to clients that wait for their answers.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::sessions::SessionKey;
use crate::{io::Now, protocol::MethodLabel};

/// One request of the server, under the id that the bridge minted for the client.
#[derive(Debug)]
pub(super) struct Ask {
    pub(super) session: SessionKey,
    /// The server's raw id.
    pub(super) id: Bytes,
    /// The server's raw progress token; the client uses it as it is.
    pub(super) token: Option<Bytes>,
    pub(super) method: MethodLabel,
    pub(super) started: Now,
}

/// All of them. Keys are minted ids, which only grow, so the first one is the oldest.
#[derive(Debug, Default)]
pub(super) struct Asks(BTreeMap<u64, Ask>);

impl Asks {
    pub(super) fn insert(&mut self, id: u64, ask: Ask) {
        self.0.insert(id, ask);
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Ask> {
        self.0.remove(&id)
    }

    /// Takes the ask with this id if it was put to this session: nobody else may answer it.
    pub(super) fn answer(&mut self, id: u64, session: SessionKey) -> Option<Ask> {
        let asked = self.0.get(&id).is_some_and(|ask| ask.session == session);
        if asked { self.0.remove(&id) } else { None }
    }

    /// The minted id of the server's request with this raw id.
    pub(super) fn find(&self, raw: &[u8]) -> Option<u64> {
        self.0
            .iter()
            .find(|(_, ask)| ask.id[..] == *raw)
            .map(|(id, _)| *id)
    }

    /// Whether an ask put to this session has this progress token.
    pub(super) fn has_token(&self, session: SessionKey, token: &[u8]) -> bool {
        let of_session = self.0.values().filter(|ask| ask.session == session);
        of_session
            .filter_map(|ask| ask.token.as_ref())
            .any(|known| known[..] == *token)
    }

    pub(super) fn ids_of(&self, session: SessionKey) -> Vec<u64> {
        self.0
            .iter()
            .filter(|(_, ask)| ask.session == session)
            .map(|(id, _)| *id)
            .collect()
    }

    /// Forgets all of them and gives them.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = (u64, Ask)> + use<> {
        std::mem::take(&mut self.0).into_iter()
    }

    pub(super) fn oldest(&self) -> Option<(u64, Now)> {
        self.0.first_key_value().map(|(id, ask)| (*id, ask.started))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
