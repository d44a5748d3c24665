//! The MCP server in a pod, reached over HTTP: the proxy is its one client.
//!
//! ```text
//!  StdinQueue ─line─> lanes ─> POST ─┐                        ┌─ sse: GET /sse, events
//!                                    ├─ hyper client ── pod ──┤
//!  Bridge <──line── replies, events ─┘                        └─ streamable: bodies, event streams
//! ```
//!
//! Like the other backends a pipe of lines: [`reach`] waits until the server listens and opens a
//! [`Connection`], [`pump`] moves lines until it is lost. Neither knows the hub. The caller tells
//! the bridge:
//!
//! ```text
//!  loop {
//!      connection = reach(&endpoint, |fault| gate says fault.gate(), fault)   until it is there
//!      stdin      = bridge.server_up()
//!      end        = pump(connection, &mut stdin, &bridge, &shutdown)
//!      bridge.server_down(end.loss())           then wait, with back-off, before the next turn
//!  }
//! ```
//!
//! Calls are never sent twice: they may not be idempotent. One that the connection cuts off fails
//! at once with a JSON-RPC error.

mod answer;
mod body;
mod client;
mod connect;
mod endpoint;
mod events;
mod failure;
mod fault;
mod lanes;
mod outgoing;
mod probe;
mod pump;
mod reach;
mod reply;
mod sse;
mod streamable;

pub use self::{
    client::CONNECT_LIMIT,
    connect::{Connection, Unready, connect},
    endpoint::{Endpoint, InvalidEndpoint, Kind},
    fault::{Broken, Fault, HttpEnd},
    pump::pump,
    reach::{LISTEN_GRACE, reach},
};
