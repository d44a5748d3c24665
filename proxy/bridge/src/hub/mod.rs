//! The hub: a pure state machine between many clients and one server process.

use std::sync::Arc;

use crate::{
    io::{Input, Now, Output},
    limits::Limits,
};

pub mod snapshot;

pub use snapshot::{Counts, ServerPhase, ServerSnapshot, SessionSnapshot, Snapshot};

/// What a hub is told when it is made.
#[derive(Clone, Debug)]
pub struct HubConfig {
    /// Our version, for `clientInfo` in `initialize`.
    pub version: Arc<str>,
    /// The bounds.
    pub limits: Limits,
}

impl HubConfig {
    /// The default bounds.
    pub fn new(version: impl Into<Arc<str>>) -> Self {
        Self { version: version.into(), limits: Limits::default() }
    }
}

/// The state machine. See [`Hub::step`].
#[derive(Debug)]
pub struct Hub {
    config: HubConfig,
}

impl Hub {
    /// A hub without sessions and without a server.
    pub fn new(config: HubConfig) -> Self {
        Self { config }
    }

    /// Takes one input and appends what the driver has to do to `out`, in order. `now` must not go
    /// backwards.
    pub fn step(&mut self, now: Now, input: Input, out: &mut Vec<Output>) {
        let _ = (now, input, out, &self.config);
    }

    /// When to send [`Input::Tick`] at the latest; none if nothing waits for time to pass.
    pub fn next_deadline(&self) -> Option<Now> {
        None
    }

    /// How full the tables are. Cheap.
    pub fn counts(&self) -> Counts {
        Counts::default()
    }

    /// The whole state for `/sessions`. Copies a line per session.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        let _ = now;
        Snapshot {
            server: ServerSnapshot {
                phase: ServerPhase::Down,
                last_loss: None,
                name: String::new(),
                version: String::new(),
                revision: None,
            },
            counts: self.counts(),
            sessions: Vec::new(),
        }
    }
}
