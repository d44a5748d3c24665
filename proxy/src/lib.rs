//! The Hivewright proxy: HTTP doors in front of one MCP server process.
//!
//! ```text
//!  clients ══ /mcp ═══════╗                                     ╔═ attach (pod, through the API server)
//!  clients ══ /sse ═══════╬═ http ── driver ── Hub ── driver ═══╣
//!             /messages   ║         (Bridge)  (pure)            ╚═ process (a local command)
//!  scrapers ═ /metrics ═══╝ admin ── metrics, health
//! ```
//!
//! Everything that decides lives in the pure crate `hivewright-bridge`; this crate owns sockets,
//! pipes, the clock and random ids.

pub mod access;
pub mod admin;
pub mod announce;
pub mod app;
pub mod args;
pub mod backend;
pub mod drain;
pub mod driver;
pub mod http;
pub mod log;
pub mod metrics;
pub mod settings;
pub mod telemetry;
