//! The journal: every event of every pass, in an SQLite file, in the order in which it was told.
//!
//! ```text
//!  publish ──Pass──> Journal (bounded queue) ──> writer thread ──> Store ──> file (WAL)
//!                       ▲  health, newest row ──────┘  retention        │
//!  pass <── fact ───────┘                                               ▼
//!  timeline, replay, /events, status page <───────────────────────── Reader (read-only)
//! ```
//!
//! Nothing rests on it: what a pass decides comes from the cluster alone, and a journal that was
//! lost, or missed something, finds its way back by a snapshot ([`store`]).

mod aside;
mod entry;
mod fault;
mod handle;
mod keep;
pub mod read;
mod schema;
pub mod store;
#[cfg(test)]
mod tests;
mod writer;

pub use entry::{Entry, SOURCE};
pub use handle::{APPEND_WAIT, Journal, Lost, QUEUE, Settings};
pub use keep::Keeper;
pub use read::{About, Query, Reader, Replayed, Subject};
pub use store::{Item, Limits, Pass, Shortened, Store};
