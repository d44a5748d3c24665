//! MCP clients: two that others wrote, and one that can do wrong.
//!
//! ```text
//!  rust_sdk  (rmcp)             Streamable HTTP   what users of the Rust SDK see
//!  python    (the `mcp` package) HTTP+SSE and Streamable HTTP, a process of its own
//!  raw ─> streamable, sse       own ids, wrong bodies, several calls in flight
//! ```

pub mod message;
pub mod messages;
pub mod python;
pub mod raw;
pub mod rust_sdk;
pub mod sse;
pub mod streamable;

/// The revision that the raw clients speak on `/mcp`.
pub const REVISION: &str = "2025-11-25";
/// The revision that the raw client speaks on `/sse`.
pub const SSE_REVISION: &str = "2024-11-05";
