//! Events as they are kept and sent: typed data of a version of its own, and back.
//!
//! ```text
//!  Event ────┐                ┌─ type  dev.hivewright.mcpserver.backend.initialized.v1 ─┐
//!  Snapshot ─┼─> Fact ──write─┤                                                         ├─read─> Fact
//!  Deleted ──┘                └─ data  JSON, one struct for each thing (data.rs) ───────┘         │
//!                                                                                   fold ─> MCPServerStatus
//! ```
//!
//! The data repeats reason, severity and sentence of every event, so that a reader who knows no type
//! can still show it. A type that is released may gain optional properties and nothing else: the
//! schemas of [`schema`] are kept in `docs/events` and compared.

pub mod data;
mod error;
mod fact;
mod fold;
mod kind;
mod read;
pub mod schema;
mod write;

pub use error::Error;
pub use fact::{Fact, Snapshot, Why};
pub use fold::{Digest, Told, digest};
pub use kind::{Thing, kebab};
