//! The server's side: how its stdin, stdout and stderr are reached, and how it is kept alive.
//!
//! ```text
//!                   ┌ attach: a pod's container through the API server ─ revive: a fresh process
//!  Bridge ── pump ──┼ http: a pod's server that listens                           after a loss
//!                   └ process: a local command
//! ```
//!
//! All give the bridge one fresh process at a time: `server_up`, lines, `server_down`. None
//! knows what the lines say.

pub mod api;
pub mod attach;
pub mod backoff;
pub mod budget;
mod counters;
pub mod http;
pub mod output;
pub mod pod;
pub mod process;
mod recoveries;
pub mod revive;
pub mod source;

pub use counters::Counters;
