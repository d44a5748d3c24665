//! What the journal tells, over HTTP, to those who may read it: beside `/metrics` on the admin port.
//!
//! ```text
//!  GET /events ─┬─ a batch of CloudEvents, with a Link to the next one
//!               └─ or a stream (SSE) that goes on; Last-Event-ID resumes it
//!  GET /state ──── every server as it was at a time
//!  GET /why ────── one server: what is wrong, since when, what to do
//!
//!  question (query.rs) ──> Gate (crate::auth) ──> answer (answer.rs, on a thread that may block)
//! ```
//!
//! The same answers are given without a network by `hivewright-controller timeline --journal FILE`.

pub mod answer;
mod events;
pub mod path;
mod query;
mod refusal;
mod source;
mod state;
mod stream;
#[cfg(test)]
mod tests;
mod why;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::auth::Gate;
use crate::journal;
use crate::metrics::Metrics;

pub use answer::{State, States};
pub use refusal::{NOT_LEADING, Refusal};
pub use source::READS_AT_ONCE;
pub use stream::{MOST_STREAMS, RECHECK};

/// Path of the events.
pub const PATH_EVENTS: &str = "/events";
/// Path of the states.
pub const PATH_STATE: &str = "/state";
/// Path of the explanation.
pub const PATH_WHY: &str = "/why";

/// The journal of this process.
#[derive(Clone, Debug)]
pub struct Journal {
    /// Its file.
    pub path: PathBuf,
    /// Its newest row: what streams wait for.
    pub newest: watch::Receiver<u64>,
}

impl From<&journal::Journal> for Journal {
    fn from(journal: &journal::Journal) -> Self {
        Self {
            path: journal.path().to_owned(),
            newest: journal.newest(),
        }
    }
}

/// What the handlers work with. Clones share everything.
#[derive(Clone, Debug)]
pub struct Reading {
    gate: Gate,
    journal: Option<Journal>,
    metrics: Metrics,
    reads: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Reading {
    /// Answers from this journal, if there is one, to those whom the gate lets through, until `stop`:
    /// streams would never end by themselves. `metrics` knows whether this process leads: the journal
    /// of one that does not tells nothing of now.
    pub fn new(
        gate: Gate,
        journal: Option<Journal>,
        metrics: Metrics,
        stop: CancellationToken,
    ) -> Self {
        Self {
            gate,
            journal,
            metrics,
            reads: Arc::new(Semaphore::new(READS_AT_ONCE)),
            streams: Arc::new(Semaphore::new(MOST_STREAMS)),
            stop,
        }
    }

    /// The endpoints.
    pub fn router(self) -> Router {
        Router::new()
            .route(PATH_EVENTS, get(events::events))
            .route(PATH_STATE, get(state::state))
            .route(PATH_WHY, get(why::why))
            .with_state(self)
    }
}
