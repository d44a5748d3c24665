//! The Hivewright proxy: HTTP doors in front of the pods of one MCP server.
//!
//! ```text
//!  clients ══ /mcp ═══════╗                                              ╔═ attach (pod, through the API server)
//!  clients ══ /sse ═══════╬═ http ── fleet ─┬─ driver ── Hub ── driver ══╬═ http (pod, SSE or Streamable HTTP)
//!             /messages   ║                 └─ (Bridge, one a pod)       ╚═ process (a local command)
//!  scrapers ═ /metrics ═══╝ admin ── metrics, health
//!
//!  live.json ── live ──> how many pods          MCP pods ══ egress ══> what their profile allows
//!  a driver ── Observer ──> desk (what a terminal shows), record ──> FILE ──> replay
//!  http, a driver ── exchange ──> trace (OTLP), audit (stdout, OTLP)
//! ```
//!
//! Everything that decides lives in the pure crate `hivewright-bridge`; this crate owns sockets,
//! pipes, the clock and random ids.

mod accept;
pub mod access;
pub mod admin;
pub mod announce;
pub mod app;
pub mod args;
pub mod audit;
pub mod backend;
pub mod canary;
pub mod desk;
pub mod drain;
pub mod driver;
pub mod egress;
pub mod exchange;
pub mod fleet;
pub mod http;
pub mod live;
pub mod log;
pub mod metrics;
mod named;
pub mod page;
pub mod record;
pub mod replay;
pub mod settings;
pub mod telemetry;
mod together;
pub mod trace;
