//! The way out: one task for each signal, which nobody waits for.
//!
//! ```text
//!  Queue ──take──> request ──post──> taken                      count exported
//!    ^                        ├────> later: back off, again ──> after GIVE_UP: count dropped
//!    │                        └────> refused ─────────────────> count dropped
//!  push: full? count dropped
//! ```

mod backoff;
mod client;
mod deliver;
mod items;
mod metrics;
mod signal;

pub(crate) use client::Client;
pub use client::ClientError;
pub(crate) use deliver::{Deliverer, Stop};
pub(crate) use items::send;
pub use metrics::Source;
pub(crate) use metrics::report;
pub(crate) use signal::{Logs, Traces};
