//! The doors: HTTP in front of the bridges.
//!
//! ```text
//!  serve ──> router ──> guard (Host, Origin) ──> door ──> Fleet ──> Bridge::open ──> ClientStream
//!    ^                                                                                   │
//!    └── response <── answer: one JSON message, or events <──────────────────────────────┘
//! ```

mod answer;
mod cors;
mod door;
mod doors;
mod events;
mod guard;
mod modern;
mod negotiate;
mod owner;
mod read;
mod rejection;
mod request_id;
mod resume;
mod serve;
mod watched;
mod wire;

use std::time::Duration;

pub use self::{
    answer::{ANSWER_WAIT, SESSION_ID},
    door::Door,
    doors::{PROTOCOL_VERSION, router, scribed_router},
    events::KEEP_ALIVE,
    guard::{Foreign, Guard},
    rejection::Rejection,
    request_id::{MAX_REQUEST_ID, REQUEST_ID},
    resume::{LAST_EVENT_ID, RETRY},
    serve::{
        Drained, MAX_CONNECTIONS, MAX_TURNED_AWAY, RESERVED_CONNECTIONS, Site, TURN_AWAY_WAIT,
        serve,
    },
    wire::{
        H2_PING_EVERY, H2_PING_WAIT, HEAD_WAIT, MAX_H2_ERRORS, MAX_H2_RESETS, MAX_H2_STREAMS,
        MAX_HEAD, MAX_HEADERS,
    },
};

/// Largest request body, in bytes. Tool arguments with an embedded file of 6 MB fit as base64.
pub const MAX_BODY: usize = 8 * 1024 * 1024;
/// Time for a body to arrive. Eight MiB need 2.3 Mbit/s.
pub const BODY_WAIT: Duration = Duration::from_secs(30);
