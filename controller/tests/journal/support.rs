//! A world whose passes are kept.

use std::path::PathBuf;

use hivewright_api::MCPServerStatus;
use hivewright_controller::journal::{Item, Pass, Query, Reader, Replayed, Store};
use hivewright_controller::key::Key;
use hivewright_core::Event;
use serde_json::Value;
use tempfile::TempDir;

use crate::world::World;

/// Name of the file in its directory.
const FILE: &str = "journal.db";

/// A journal in a directory of its own.
pub(crate) struct Kept {
    pub(crate) directory: TempDir,
    pub(crate) store: Store,
}

impl Kept {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join(FILE)).unwrap();
        Self { directory, store }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join(FILE)
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::open(&self.path()).unwrap()
    }

    /// The journal as a new process finds it after the file was lost.
    pub(crate) fn lose(&mut self) {
        *self = Self::new();
    }

    /// A pass of the controller over this world; `kept` false: the journal could not be written.
    pub(crate) fn pass(&mut self, world: &mut World, kept: bool) -> Vec<Event> {
        let before = world.server.status.clone();
        let events = world.pass();
        if kept {
            let pass = pass(world, before, events.clone());
            self.store.append(&[pass.into()]).unwrap();
        }
        events
    }

    pub(crate) fn gone(&mut self, world: &World) {
        let server = key(world);
        let at = world.now;
        self.store.append(&[Item::Gone { server, at }]).unwrap();
    }

    pub(crate) fn told(&self, world: &World) -> Option<Replayed> {
        self.reader().server_at(&key(world), None).unwrap()
    }

    /// The status that follows from the journal.
    pub(crate) fn replay(&self, world: &World) -> Value {
        stored(self.told(world).and_then(|told| told.status).as_ref())
    }

    /// The sequences that are kept, oldest first.
    pub(crate) fn sequences(&self, world: &World) -> Vec<u64> {
        let mut all = Vec::new();
        loop {
            let query = Query {
                newest: false,
                after_sequence: all.last().copied(),
                ..Query::server(key(world))
            };
            let entries = self.reader().events(&query).unwrap();
            if entries.is_empty() {
                return all;
            }
            all.extend(entries.iter().map(|entry| entry.sequence));
        }
    }
}

pub(crate) fn key(world: &World) -> Key {
    Key::of(&world.server)
}

pub(crate) fn pass(world: &World, before: Option<MCPServerStatus>, events: Vec<Event>) -> Pass {
    Pass {
        server: key(world),
        uid: world.server.metadata.uid.clone().unwrap_or_default(),
        before,
        after: world.server.status.clone(),
        events,
        at: world.now,
        traceparent: None,
    }
}

/// A status as the API server keeps it: times to the second; an empty one is none.
pub(crate) fn stored(status: Option<&MCPServerStatus>) -> Value {
    let status = status.filter(|status| **status != MCPServerStatus::default());
    serde_json::to_value(status).unwrap()
}

/// Whether each is one more than the one before.
pub(crate) fn is_without_gap(sequences: &[u64]) -> bool {
    sequences.windows(2).all(|pair| pair[0] + 1 == pair[1])
}
