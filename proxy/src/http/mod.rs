//! The doors: HTTP in front of the bridge.

mod door;
mod guard;
mod negotiate;
mod read;
mod request_id;
mod serve;

use std::time::Duration;

/// Largest request body, in bytes. Tool arguments with an embedded file of 6 MB fit as base64.
pub const MAX_BODY: usize = 8 * 1024 * 1024;
/// Time for a body to arrive. Eight MiB need 2.3 Mbit/s.
pub const BODY_WAIT: Duration = Duration::from_secs(30);

pub use self::{
    door::{Door, Rejection},
    guard::{Foreign, Guard},
    serve::{Drained, serve},
};
