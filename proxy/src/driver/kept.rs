//! The streams that their clients can come back to.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use hivewright_bridge::{
    io::{Now, SessionId, StreamKey},
    replay::{EventId, Unresumable},
};

use super::{
    StreamKind,
    stream::{Resumed, StreamLog},
};

/// How long a stream is kept that nobody reads: clients of the SDKs come back within seconds, a
/// client on a train after a tunnel. So long, too, the stream keeps its session from being idle.
pub const DETACHED_FOR: Duration = Duration::from_mins(2);
/// Streams of one session that are kept while nobody reads them; one more, and the oldest of them is
/// given up. A client has a listener and a few calls.
pub const MAX_DETACHED: usize = 32;
/// Entries of [`Kept::leaving`] beyond the streams that there are, before those that count no more
/// are swept out.
const SWEEP_MARGIN: usize = 64;

#[derive(Debug)]
struct Entry {
    session: SessionId,
    kind: StreamKind,
    log: StreamLog,
    /// Since when nobody reads it.
    left: Option<Now>,
}

/// All of them, by stream and by session.
#[derive(Debug, Default)]
pub(super) struct Kept {
    entries: HashMap<StreamKey, Entry>,
    sessions: HashMap<SessionId, Vec<StreamKey>>,
    /// In the order in which they were left; one that was come back to stays until its time.
    leaving: VecDeque<(Now, StreamKey)>,
}

/// What follows when a reader has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// The stream is none that is kept: it is over.
    NotKept,
    /// It stays for a while, or another reads it already.
    Stays,
    /// It stays, and this one, the session's oldest, has to go.
    Crowded(StreamKey),
}

/// Why a stream is not read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotResumed {
    /// The session keeps no such stream.
    #[error(
        "this stream is not kept, or not any more; open a stream without Last-Event-ID, and repeat the call if its answer is missing"
    )]
    NotKept,
    /// Its log does not go on from there.
    #[error(transparent)]
    Unresumable(#[from] Unresumable),
}

impl NotResumed {
    /// A bounded label.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotKept => "stream_not_kept",
            Self::Unresumable(Unresumable::FellOut) => "events_fell_out",
            Self::Unresumable(Unresumable::NeverGiven) => "event_never_given",
        }
    }
}

impl Kept {
    pub(super) fn insert(
        &mut self,
        key: StreamKey,
        session: SessionId,
        kind: StreamKind,
        log: StreamLog,
    ) {
        let of_session = self.sessions.entry(session.clone()).or_default();
        of_session.push(key);
        let entry = Entry {
            session,
            kind,
            log,
            left: None,
        };
        self.entries.insert(key, entry);
    }

    /// The reader with this epoch has gone.
    pub(super) fn leave(&mut self, key: StreamKey, epoch: u32, now: Now) -> Left {
        let Some(entry) = self.entries.get_mut(&key) else {
            return Left::NotKept;
        };
        if entry.log.epoch() != epoch || entry.left.is_some() {
            return Left::Stays;
        }
        entry.left = Some(now);
        let session = entry.session.clone();
        self.leaving.push_back((now, key));
        self.sweep();
        self.crowded(&session).map_or(Left::Stays, Left::Crowded)
    }

    /// Reads a stream on, after this event.
    pub(super) fn resume(
        &mut self,
        session: &SessionId,
        last_read: EventId,
    ) -> Result<(StreamKind, Resumed), NotResumed> {
        let entry = self.entries.get_mut(&last_read.stream);
        let entry = entry.filter(|entry| entry.session == *session);
        let entry = entry.ok_or(NotResumed::NotKept)?;
        if entry.kind.origin() != last_read.origin {
            return Err(Unresumable::NeverGiven.into());
        }
        let resumed = entry.log.resume(last_read.seq)?;
        entry.left = None;
        Ok((entry.kind, resumed))
    }

    /// Whether nobody reads this stream now, though it is kept.
    pub(super) fn is_left(&self, key: StreamKey) -> bool {
        let entry = self.entries.get(&key);
        entry.is_some_and(|entry| entry.left.is_some())
    }

    /// How many nobody reads now.
    pub(super) fn left(&self) -> usize {
        let entries = self.entries.values();
        entries.filter(|entry| entry.left.is_some()).count()
    }

    pub(super) fn remove(&mut self, key: StreamKey) {
        let Some(entry) = self.entries.remove(&key) else {
            return;
        };
        if let Some(of_session) = self.sessions.get_mut(&entry.session) {
            of_session.retain(|other| *other != key);
            if of_session.is_empty() {
                self.sessions.remove(&entry.session);
            }
        }
    }

    /// The session is over: nobody may come back.
    pub(super) fn forget(&mut self, session: &SessionId) {
        for key in self.sessions.remove(session).unwrap_or_default() {
            self.entries.remove(&key);
        }
    }

    /// When [`Kept::expired`] has something to say at the latest.
    pub(super) fn due(&self) -> Option<Now> {
        self.leaving.front().map(|(since, _)| *since + DETACHED_FOR)
    }

    /// The next stream whose time is over.
    pub(super) fn expired(&mut self, now: Now) -> Option<StreamKey> {
        while let Some((since, key)) = self.leaving.front().copied()
            && since + DETACHED_FOR <= now
        {
            self.leaving.pop_front();
            if self.left_since(key) == Some(since) {
                return Some(key);
            }
        }
        None
    }

    fn left_since(&self, key: StreamKey) -> Option<Now> {
        self.entries.get(&key).and_then(|entry| entry.left)
    }

    /// The stream of the session that was left first, if too many are left.
    fn crowded(&self, session: &SessionId) -> Option<StreamKey> {
        let keys = self.sessions.get(session)?;
        if keys.len() <= MAX_DETACHED {
            return None;
        }
        let left = keys
            .iter()
            .filter_map(|key| Some((self.left_since(*key)?, *key)));
        let (count, oldest) = left.fold((0, None), |(count, oldest), one| {
            (count + 1, oldest.into_iter().chain([one]).min())
        });
        oldest.filter(|_| count > MAX_DETACHED).map(|(_, key)| key)
    }

    fn sweep(&mut self) {
        if self.leaving.len() > 2 * self.entries.len() + SWEEP_MARGIN {
            let entries = &self.entries;
            self.leaving.retain(|(since, key)| {
                let entry = entries.get(key);
                entry.is_some_and(|entry| entry.left == Some(*since))
            });
        }
    }
}
