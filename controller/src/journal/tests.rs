//! What is appended is what is read.

use hivewright_api::MCPServerStatus;
use hivewright_core::record::Fact;
use hivewright_core::{Event, status};
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::{About, Pass, Query, Reader, Store};
use crate::key::Key;

/// A journal, and the cluster's side of it.
pub(super) struct Bench {
    pub(super) directory: TempDir,
    pub(super) store: Store,
    now: Timestamp,
}

impl Bench {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("journal.db")).unwrap();
        Self {
            directory,
            store,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    pub(super) fn reader(&self) -> Reader {
        Reader::open(&self.directory.path().join("journal.db")).unwrap()
    }

    /// A pass one second later than the last, over a server that has this status.
    pub(super) fn pass(
        &mut self,
        server: &str,
        uid: &str,
        (status, events): (&mut Option<MCPServerStatus>, &[Event]),
    ) -> u64 {
        self.now += SignedDuration::from_secs(1);
        let before = status.clone();
        if !events.is_empty() {
            status::fold_all(status.get_or_insert_default(), events, self.now);
        }
        let pass = Pass {
            server: Key::new("ns", server),
            uid: uid.to_owned(),
            before,
            after: status.clone(),
            events: events.to_vec(),
            at: self.now,
            traceparent: None,
        };
        self.store.append(&[pass.into()]).unwrap().events
    }
}

fn facts(reader: &Reader, server: &str) -> Vec<Fact> {
    let entries = reader
        .events(&Query::server(Key::new("ns", server)))
        .unwrap();
    entries.iter().map(|entry| entry.fact().unwrap()).collect()
}

#[test]
fn what_is_appended_is_what_is_read() {
    let mut bench = Bench::new();
    let mut status = None;
    let events = [Event::GenerationObserved(1), Event::Accepted];
    assert_eq!(bench.pass("a", "1", (&mut status, &events)), 2);
    let reader = bench.reader();
    let entries = reader.events(&Query::default()).unwrap();
    assert_eq!(
        entries
            .iter()
            .map(|entry| entry.sequence)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(facts(&reader, "a"), events.map(Fact::Event));
    let known = reader
        .server_at(&Key::new("ns", "a"), None)
        .unwrap()
        .unwrap();
    assert_eq!(known.status, status);
    assert_eq!((known.sequence, known.uid.as_str()), (2, "1"));
}

#[test]
fn a_question_is_answered_within_its_bounds() {
    let mut bench = Bench::new();
    let (mut one, mut two) = (None, None);
    for generation in 1..=5 {
        let event = [Event::GenerationObserved(generation)];
        bench.pass("one", "1", (&mut one, &event));
        bench.pass("two", "2", (&mut two, &event));
    }
    let reader = bench.reader();
    let zero = reader.newest().unwrap() - 10;
    let rows = |query: Query| -> Vec<u64> {
        let entries = reader.events(&query).unwrap();
        entries.into_iter().map(|entry| entry.row - zero).collect()
    };
    let at = |seconds| Some(Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds));
    let one = Query::server(Key::new("ns", "one"));
    assert_eq!(
        rows(Query {
            limit: 2,
            ..one.clone()
        }),
        [7, 9]
    );
    assert_eq!(
        rows(Query {
            limit: 2,
            newest: false,
            ..one.clone()
        }),
        [1, 3]
    );
    assert_eq!(
        rows(Query {
            after_sequence: Some(3),
            ..one.clone()
        }),
        [7, 9]
    );
    assert_eq!(
        rows(Query {
            since: at(4),
            until: at(6),
            ..Query::default()
        }),
        [4, 5, 6]
    );
    assert_eq!(
        rows(Query {
            after: Some(zero + 8),
            ..Query::default()
        }),
        [9, 10]
    );
    let namespace = |name: &str| Query {
        about: About::Namespace(name.to_owned()),
        ..Query::default()
    };
    assert_eq!(rows(namespace("ns")).len(), 10);
    assert_eq!(rows(namespace("n")).len(), 0);
}
