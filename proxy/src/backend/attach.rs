//! The server's stdio through the API server: `pods/attach` as raw channel frames.
//!
//! ```text
//!  StdinQueue ── Outbox ──frames──> WebSocket ──> API server ──> kubelet ──> stdin
//!  Bridge <── Ears <──lines── Output <──frames── WebSocket <── ... <── stdout, stderr
//!              ^─────lines── container_log <──── pods/log, from a break until it is closed
//! ```
//!
//! Attach replays nothing, so the worker attaches before it lets the hub speak. A connection that
//! breaks while its process runs on is made anew, and what was missed is read from the log
//! (`hivewright_bridge::recover`): nothing is lost, doubled or out of order. What was on its way to
//! stdin is in doubt then, as far as no ping has proved it ([`Delivery`]).
//!
//! How attachments end, as seen with Kubernetes 1.34: the API server always upgrades the connection
//! first, and says what went wrong in a status frame. A process that ends and a kubelet that is
//! restarted both give `Success`; a container that does not run gives InternalError with `not
//! found` in its message; a kubelet that does not listen gives InternalError with `connection
//! refused`; an API server that ends gives a closed TCP connection. The first three come within
//! 100 ms.

mod connect;
mod container_log;
mod delivery;
mod ears;
mod end;
mod frames;
mod outbox;
mod pump;

pub use self::{
    connect::{CONNECT_LIMIT, ConnectError, Socket, connect},
    container_log::{LOCATE_LIMIT, LogError, LogStream, follow},
    delivery::Delivery,
    ears::{Ears, Phase},
    end::{AttachEnd, Meaning},
    frames::{MAX_FRAME, Piece, frames},
    outbox::Outbox,
    pump::{PING_EVERY, SILENCE_LIMIT, Wire, pump},
};
