//! The open ways to clients, and what each is for.

use std::collections::BTreeMap;

use super::sessions::SessionKey;
use crate::io::StreamKey;

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StreamUse {
    /// The response of a POST that still owes this many answers (more than one for a batch).
    Answers {
        /// How many.
        owed: usize,
    },
    /// The GET stream of this session.
    Listener(SessionKey),
    /// The one stream of this HTTP+SSE session.
    Sse(SessionKey),
    /// The response to this visit; it ends with one answer.
    Visit(SessionKey),
}

/// What is left to do with a POST's stream after one of its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// The client closed it.
    Gone,
    /// More answers are owed.
    More,
    /// That was the last; the stream is forgotten.
    Last,
}

/// All open streams.
#[derive(Debug, Default)]
pub(super) struct Streams(BTreeMap<StreamKey, StreamUse>);

impl Streams {
    pub(super) fn insert(&mut self, stream: StreamKey, usage: StreamUse) {
        self.0.insert(stream, usage);
    }

    pub(super) fn remove(&mut self, stream: StreamKey) -> Option<StreamUse> {
        self.0.remove(&stream)
    }

    pub(super) fn contains(&self, stream: StreamKey) -> bool {
        self.0.contains_key(&stream)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Counts one answer of a POST's stream as given.
    pub(super) fn settle(&mut self, stream: StreamKey) -> Settled {
        match self.0.get_mut(&stream) {
            Some(StreamUse::Answers { owed }) if *owed > 1 => {
                *owed -= 1;
                Settled::More
            }
            Some(StreamUse::Answers { .. } | StreamUse::Visit(_)) => {
                self.0.remove(&stream);
                Settled::Last
            }
            Some(StreamUse::Listener(_) | StreamUse::Sse(_)) | None => Settled::Gone,
        }
    }
}
