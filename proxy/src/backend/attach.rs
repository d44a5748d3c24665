//! The server's stdio through the API server: `pods/attach` as raw channel frames.
//!
//! ```text
//!  StdinQueue ──frames──> WebSocket ──> API server ──> kubelet ──> stdin
//!  Bridge <──lines── Output <──frames── WebSocket <── ... <── stdout, stderr
//! ```
//!
//! Attach replays nothing: what the process wrote before is lost, so the worker attaches before it
//! lets the hub speak, and never twice to one process.

mod connect;
mod end;
mod frames;
mod pump;

pub use self::{
    connect::{CONNECT_LIMIT, ConnectError, Socket, connect},
    end::AttachEnd,
    frames::{MAX_FRAME, frames},
    pump::{PING_EVERY, SILENCE_LIMIT, pump},
};
