//! Scenarios on a real cluster, and what they need inside it.
//!
//! ```text
//!   tests/scenarios ──drives──> cluster ── MCPServer ──> proxy ──attach──┐
//!        │   (harness: clients, waits, namespaces)                       v
//!        │                                          echo-server   an MCP server with every fault
//!        ├──page, robots.txt, TCP probes──────────> world         the outside, as one pod
//!        ├──calls a second, latency, errors───────> load          the bench's client pod
//!        └──the official suite────────────────────> fixture       a server of either era for it
//! ```
//!
//! The programs are static and run in images made from nothing. Everything here is made to be
//! told from outside what to do (arguments, tool calls), so that a scenario reads as one story.

pub mod echo;
pub mod fixture;
pub mod load;
pub mod reach;
pub mod through;
pub mod world;
