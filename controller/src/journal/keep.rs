//! What the passes of one scope give to the journal.

use std::collections::HashSet;

use hivewright_api::MCPServerStatus;
use hivewright_core::{Event, Journal as State, Observed};
use jiff::Timestamp;
use kube::ResourceExt as _;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::handle::{Journal, Lost};
use super::store::{Item, Pass};
use crate::key::Key;
use crate::trace;

/// The journal of one scope's passes; without a journal it does nothing.
#[derive(Debug, Default)]
pub struct Keeper {
    journal: Option<Journal>,
    /// Servers of which the journal is known to have the status, since we lead.
    known: Mutex<HashSet<Key>>,
}

impl Keeper {
    /// Keeps this journal.
    pub fn new(journal: Option<Journal>) -> Self {
        Self {
            journal,
            known: Mutex::default(),
        }
    }

    /// Whether the journal is written.
    pub fn state(&self) -> State {
        self.journal
            .as_ref()
            .map_or(State::Off, |journal| *journal.state().borrow())
    }

    /// Keeps what a pass told: from the status that it found to the one that it left. A pass that
    /// told nothing is of interest once: the journal may not know the server yet.
    pub async fn pass(
        &self,
        observed: &Observed,
        events: &[Event],
        after: Option<&MCPServerStatus>,
    ) {
        let Some(journal) = &self.journal else {
            return;
        };
        let key = Key::of(&*observed.server);
        if events.is_empty() && self.known.lock().contains(&key) {
            return;
        }
        let pass = Pass {
            server: key.clone(),
            uid: observed.server.uid().unwrap_or_default(),
            before: observed.server.status.clone(),
            after: after.cloned(),
            events: events.to_vec(),
            at: observed.now,
            traceparent: trace::place().map(|place| place.to_string()),
        };
        if keep(journal, pass.into()).await.is_ok() {
            self.known.lock().insert(key);
        } else {
            self.known.lock().remove(&key);
        }
    }

    /// Keeps that an MCPServer is gone.
    pub async fn gone(&self, server: &Key) {
        self.known.lock().remove(server);
        if let Some(journal) = &self.journal {
            let gone = Item::Gone {
                server: server.clone(),
                at: Timestamp::now(),
            };
            // What is lost is found again: see `bury`.
            let _ = keep(journal, gone).await;
        }
    }

    /// Keeps that those are gone of which the journal knows and `exists` does not.
    pub async fn bury(&self, exists: impl Fn(&Key) -> bool) {
        let Some(journal) = &self.journal else {
            return;
        };
        for server in journal.alive().await {
            if !exists(&server) {
                self.gone(&server).await;
            }
        }
    }

    /// Others may have worked, or something been lost: nothing is taken for known any more.
    pub fn forget_all(&self) {
        self.known.lock().clear();
    }

    /// Whether the journal is written, as it changes; `None` without a journal.
    pub fn states(&self) -> Option<watch::Receiver<State>> {
        self.journal.as_ref().map(Journal::state)
    }
}

async fn keep(journal: &Journal, item: Item) -> Result<(), Lost> {
    let kept = journal.append(item).await;
    if let Err(lost) = &kept {
        tracing::debug!(
            error = lost as &dyn std::error::Error,
            "Journal has missed something"
        );
    }
    kept
}
