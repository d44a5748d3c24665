//! A pure (sans-IO) MCP bridge: many clients, one server process, no I/O, no clock, no randomness.
//!
//! ```text
//!  client POST/GET/DELETE ──FromClient──┐                       ┌──ToServer(line)──> server stdin
//!                                        ├─> Hub::step(now, in) ─┤──ToClient(stream, message)──> HTTP doors
//!  server stdout line ─────FromServer───┘                       └──Event──> metrics, access log, spans
//! ```
//!
//! Clients and servers of every revision meet here: requests without a session ([`modern`]) are
//! sessions of one call inside the hub, and what the other side's era does not have is translated in
//! `hub`. Beside the hub there are the parsers of what carries messages ([`line`], [`channel`],
//! [`sse_decoder`]), the log of a stream that a client may leave ([`replay`]), and what finds the
//! place in a container's log from which a broken connection goes on ([`recover`]).
//!
//! The driver owns sockets, pipes, time and random ids; it feeds [`Input`]s and carries out
//! [`Output`]s in order. Payloads are never re-serialised: ids and progress tokens are spliced in
//! place, every other byte of params, results and errors crosses unchanged.
//!
//! ```
//! use std::time::Duration;
//!
//! use hivewright_bridge::{Hub, HubConfig, Input, Output, io::FromServer};
//!
//! let mut hub = Hub::new(HubConfig::new("0.1.0"));
//! let mut out = Vec::new();
//! hub.step(Duration::ZERO, Input::Server(FromServer::Up), &mut out);
//! assert!(matches!(&out[0], Output::ToServer(line) if line.ends_with(b"\n")), "initialize");
//! assert!(hub.next_deadline().is_some(), "the answer is waited for, but not for ever");
//! ```

pub mod channel;
pub mod envelope;
pub mod event;
pub mod hub;
pub mod io;
pub mod limits;
pub mod line;
mod message;
pub mod modern;
pub mod protocol;
pub mod recover;
pub mod refusal;
pub mod replay;
pub mod sse;
pub mod sse_decoder;
pub mod traced;

pub use hub::{Hub, HubConfig};
pub use io::{Input, Output};
