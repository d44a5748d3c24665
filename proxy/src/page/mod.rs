//! The status page of one server on a machine of one's own, at the admin address of `run` and
//! `replay`. What it looks like is in `hivewright-page`; here it is filled in and sent.
//!
//! ```text
//!  bridges ──saw──> Story (the last things that happened, bounded) ──┐
//!  fleet ──health, sessions, metrics─────────────────────────────────┼──> page ──> GET /
//!  command line ──────────────────────────────────────────────────────┘
//! ```
//!
//! In a cluster the controller serves it, to those who may read; there is no such page in a pod.

mod serve;
mod shown;
mod story;
mod telling;

use std::net::SocketAddr;

use jiff::Timestamp;

pub use self::{
    serve::router,
    story::{MAX_CLIENTS, MAX_SERVER, Story},
};
use crate::{fleet::Fleet, http::Guard};

/// What the page is made of.
#[derive(Clone, Debug)]
pub struct Page {
    /// The server.
    pub fleet: Fleet,
    /// What happened to it.
    pub story: Story,
    /// Where clients connect.
    pub doors: SocketAddr,
    /// What runs: a command line, or the name of a recording.
    pub command: String,
    /// Since when.
    pub started: Timestamp,
    /// Who may see it: no page of elsewhere.
    pub guard: Guard,
}
