//! The status of an MCPServer: a [`ServerState`](crate::ServerState) written down, and the times
//! that events gave it.
//!
//! ```text
//!  MCPServerStatus ──read──> ServerState ──fold(event)──> ServerState ──show──> MCPServerStatus
//!        └───────────── times of unchanged conditions, last failure ───────────────┘
//! ```

mod condition;
mod fold;
mod read;
mod show;

pub use condition::ConditionType;
pub use fold::{fold, fold_all};
