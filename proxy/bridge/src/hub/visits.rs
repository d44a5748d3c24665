//! The table of visits: requests of 2026-07-28 that the server may ask something for.
//!
//! ```text
//!  Answering ──the server asks──> Gathering ──GATHER──> Parked ──the client comes back──> Answering
//!      │                              │                   │  └─ still something to ask ──> Parked
//!      └────────── answer ────────────┴──> the client     └── answer ──> Done ── comes back ──> the client
//! ```
//!
//! A visit is also a session inside the hub, under the same key: so attribution, load bounds, log
//! filtering and progress are those of any session. It is in no map of public ids.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::sessions::{RawId, SessionKey};
use crate::{
    envelope::Capabilities,
    io::{Now, StreamKey},
    modern::{Digest, input::Want},
    protocol::MethodLabel,
};

/// How far a visit is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// The call is at the server, or held.
    Answering,
    /// The server has asked; others that it asks at the same time are waited for.
    Gathering {
        /// Until when.
        until: Now,
    },
    /// The client has been told what is asked; its stream is over.
    Parked {
        /// When nobody waits for it any more.
        until: Now,
    },
    /// The server answered before the client came back.
    Done {
        /// The server's line.
        line: Bytes,
        /// When nobody waits for it any more.
        until: Now,
    },
}

/// Something that the server asked, and the id that the bridge minted for it.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) ask: u64,
    pub(super) want: Want,
}

/// One visit.
#[derive(Debug)]
pub(super) struct Visit {
    /// The id of the client's latest request.
    pub(super) id: RawId,
    /// Where that is answered.
    pub(super) stream: StreamKey,
    /// When the latest request came.
    pub(super) since: Now,
    pub(super) method: MethodLabel,
    pub(super) at: At,
    /// What the client's next request must be like; none if the client can be asked nothing.
    pub(super) digest: Option<Digest>,
    /// How often the client was asked.
    pub(super) round: u32,
    /// What the client sent before it was asked.
    pub(super) given: BTreeMap<String, Bytes>,
    pub(super) wants: Vec<Pending>,
    /// How many names the bridge made for what was asked.
    pub(super) names: usize,
    /// What the server asked for although the client had not declared it.
    pub(super) lacking: Capabilities,
}

impl Visit {
    /// What it keeps for the client, in bytes.
    fn kept(&self) -> usize {
        let asked = |pending: &Pending| pending.want.params.as_ref().map_or(0, Bytes::len);
        let wants: usize = self.wants.iter().map(asked).sum();
        let given = self.given.iter().map(|(key, one)| key.len() + one.len());
        let kept = wants + given.sum::<usize>();
        match &self.at {
            At::Answering | At::Gathering { .. } | At::Parked { .. } => kept,
            At::Done { line, .. } => kept + line.len(),
        }
    }

    /// When something is to be done about it.
    const fn due(&self) -> Option<Now> {
        match self.at {
            At::Answering => None,
            At::Gathering { until } | At::Parked { until } | At::Done { until, .. } => Some(until),
        }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Visits {
    table: BTreeMap<SessionKey, Visit>,
    due: BTreeSet<(Now, SessionKey)>,
    /// What all of them keep, in bytes.
    kept: usize,
}

impl Visits {
    pub(super) fn insert(&mut self, key: SessionKey, visit: Visit) {
        self.kept += visit.kept();
        self.table.insert(key, visit);
    }

    pub(super) fn get(&self, key: SessionKey) -> Option<&Visit> {
        self.table.get(&key)
    }

    /// Changes a visit, with what follows from that for the table.
    pub(super) fn change<T>(
        &mut self,
        key: SessionKey,
        change: impl FnOnce(&mut Visit) -> T,
    ) -> Option<T> {
        let visit = self.table.get_mut(&key)?;
        let (due, kept) = (visit.due(), visit.kept());
        let changed = change(visit);
        if visit.due() != due {
            due.map(|due| self.due.remove(&(due, key)));
            visit.due().map(|due| self.due.insert((due, key)));
        }
        self.kept = self.kept + visit.kept() - kept;
        Some(changed)
    }

    pub(super) fn remove(&mut self, key: SessionKey) -> Option<Visit> {
        let visit = self.table.remove(&key)?;
        visit.due().map(|due| self.due.remove(&(due, key)));
        self.kept -= visit.kept();
        Some(visit)
    }

    /// Visits that keep something for their clients.
    pub(super) fn parked(&self) -> usize {
        self.due.len()
    }

    /// What they keep, in bytes.
    pub(super) const fn kept(&self) -> usize {
        self.kept
    }

    /// The visit that is due first, and when.
    pub(super) fn first_due(&self) -> Option<(SessionKey, Now)> {
        self.due.first().map(|(due, key)| (*key, *due))
    }
}
