//! Traces of calls, from the client's `traceparent` to the last byte of the answer.
//!
//! ```text
//!  POST /mcp ─────────────────────────────────────────────┐  (server; parent: the client's span)
//!  └─ tools/call fetch ────────────────────────┐          │  (server; the MCP conventions)
//!     ├─ queue             waits for its turn  │          │
//!     ├─ write to server   stdin, or a POST    │          │
//!     └─ server            thinks              │          │  (client)
//!  └─ write to client                          └──────────┘
//! ```
//!
//! Names and attributes are those of the OpenTelemetry semantic conventions for MCP and HTTP. The
//! whole id of a session is never said: whoever knows it could use the session.

mod attributes;
mod spans;
mod traced;

pub use self::{
    spans::{of_call, of_exchange},
    traced::{MAX_STATE, Traced},
};
