//! What happened to one server, a page at a time.

use std::path::Path;

use hivewright_page::model::{Entry, Timeline, Tone};
use serde::Deserialize;

use super::entry::entry;
use crate::journal::read::MAX_ENTRIES;
use crate::journal::{Query, Reader, read};
use crate::key::Key;

/// Events on one page.
pub const EVENTS: usize = 50;

/// What is asked of a timeline; what cannot be read is as if it had not been said.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Wanted {
    /// Events below this sequence.
    #[serde(default)]
    before: String,
    /// `warnings`: nothing else.
    #[serde(default)]
    only: String,
}

impl Wanted {
    fn before(&self) -> Option<u64> {
        self.before.parse().ok()
    }

    pub(super) fn warnings(&self) -> bool {
        self.only == "warnings"
    }

    /// A timeline of which nothing can be told, and why.
    pub(super) fn untold(&self, why: String) -> Timeline {
        Timeline {
            entries: Vec::new(),
            older: None,
            newer: false,
            warnings: self.warnings(),
            note: Some(why),
        }
    }
}

/// The newest events that are asked for.
pub(super) fn story(path: &Path, server: &Key, wanted: &Wanted) -> Result<Timeline, read::Error> {
    let look = if wanted.warnings() {
        MAX_ENTRIES
    } else {
        // One more, to know whether there are older ones.
        EVENTS + 1
    };
    let events = Reader::open(path)?.events(&query(server, wanted.before(), look))?;
    let full = events.len() == look;
    let lowest = events.first().map(|event| event.sequence);
    let mut entries: Vec<Entry> = events.iter().rev().filter_map(entry).collect();
    if wanted.warnings() {
        entries.retain(|entry| entry.tone == Tone::Warning);
    }
    let cut = entries.len() > EVENTS;
    entries.truncate(EVENTS);
    let shown = entries.last().map(|entry| entry.sequence);
    let older = if cut { shown } else { lowest.filter(|_| full) };
    let past = wanted.before().is_some() && entries.is_empty();
    Ok(Timeline {
        entries,
        older,
        newer: wanted.before().is_some(),
        warnings: wanted.warnings(),
        note: past.then(|| "Nothing older is kept.".to_owned()),
    })
}

/// Sequences have no gaps, so those below one are a range.
fn query(server: &Key, before: Option<u64>, look: usize) -> Query {
    let newest = Query {
        limit: look,
        ..Query::server(server.clone())
    };
    let Some(before) = before else {
        return newest;
    };
    let look = u64::try_from(look).unwrap_or(u64::MAX);
    let first = before.saturating_sub(look.saturating_add(1));
    let count = before.saturating_sub(1).saturating_sub(first);
    Query {
        after_sequence: Some(first),
        newest: false,
        limit: usize::try_from(count).unwrap_or(usize::MAX),
        ..newest
    }
}
