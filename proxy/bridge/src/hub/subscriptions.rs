//! Who subscribed to which resource: the server is subscribed once, for all of its sessions.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::sessions::SessionKey;

#[derive(Debug, Default)]
struct Subscription {
    sessions: BTreeSet<SessionKey>,
    /// Whether this process has said yes, so that the next subscriber need not ask it again.
    confirmed: bool,
}

/// All subscriptions.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    by_uri: BTreeMap<Arc<str>, Subscription>,
    per_session: BTreeMap<SessionKey, usize>,
}

/// What removing a subscriber leaves to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// Others are still subscribed: the server must not hear of it.
    Others,
    /// Nobody is: the server is to be told.
    Nobody,
}

impl Subscriptions {
    pub(super) fn confirmed(&self, uri: &str) -> bool {
        self.by_uri
            .get(uri)
            .is_some_and(|subscription| subscription.confirmed)
    }

    pub(super) fn count(&self, session: SessionKey) -> usize {
        self.per_session.get(&session).copied().unwrap_or(0)
    }

    pub(super) fn len(&self) -> usize {
        self.by_uri.len()
    }

    /// Adds a subscriber, before the server has answered, so that no update is missed.
    pub(super) fn add(&mut self, uri: &Arc<str>, session: SessionKey) {
        let subscription = self.by_uri.entry(uri.clone()).or_default();
        if subscription.sessions.insert(session) {
            *self.per_session.entry(session).or_default() += 1;
        }
    }

    /// Takes a subscriber away.
    pub(super) fn remove(&mut self, uri: &str, session: SessionKey) -> Left {
        let Some(subscription) = self.by_uri.get_mut(uri) else {
            return Left::Nobody;
        };
        let removed = subscription.sessions.remove(&session);
        let nobody = subscription.sessions.is_empty();
        if removed {
            self.uncount(session);
        }
        if nobody {
            self.by_uri.remove(uri);
            return Left::Nobody;
        }
        Left::Others
    }

    fn uncount(&mut self, session: SessionKey) {
        if let Some(count) = self.per_session.get_mut(&session) {
            *count -= 1;
            if *count == 0 {
                self.per_session.remove(&session);
            }
        }
    }

    /// The server said yes.
    pub(super) fn confirm(&mut self, uri: &str) {
        if let Some(subscription) = self.by_uri.get_mut(uri) {
            subscription.confirmed = true;
        }
    }

    /// The process is gone, and with it what it had agreed to.
    pub(super) fn forget_server(&mut self) {
        for subscription in self.by_uri.values_mut() {
            subscription.confirmed = false;
        }
    }

    /// The resources that somebody is subscribed to.
    pub(super) fn uris(&self) -> Vec<Arc<str>> {
        self.by_uri.keys().cloned().collect()
    }

    /// Takes a session out of everything; gives the resources that nobody is subscribed to now.
    pub(super) fn remove_session(&mut self, session: SessionKey) -> Vec<Arc<str>> {
        if self.count(session) == 0 {
            return Vec::new();
        }
        let mut uris = self.uris();
        uris.retain(|uri| {
            let subscribed = self
                .by_uri
                .get(uri)
                .is_some_and(|found| found.sessions.contains(&session));
            subscribed && self.remove(uri, session) == Left::Nobody
        });
        uris
    }

    /// The sessions that an update of this resource is for. An update may name a part of what was
    /// subscribed to (MCP, Resources, `ResourceUpdatedNotification`), so every leading part of the
    /// URI that ends at a `/`, `?` or `#` counts.
    pub(super) fn subscribers(&self, uri: &str) -> BTreeSet<SessionKey> {
        let cuts = uri
            .match_indices(['/', '?', '#'])
            .flat_map(|(at, _)| [at, at + 1]);
        let parts = cuts
            .chain([uri.len()])
            .filter_map(|end| self.by_uri.get(&uri[..end]));
        parts
            .flat_map(|subscription| &subscription.sessions)
            .copied()
            .collect()
    }
}
