//! The revision 2026-07-28 as a server sees it: what a request without a session says of itself,
//! the rules that its headers obey, and what an answer to it looks like.
//!
//! ```text
//!  headers ──> ModernHead ─┐
//!  body ─────> Asked ──────┼──> headers::check, mirrored::check ──> a refusal, or a visit
//!                          │    (what the tool's schema mirrors: tools)
//!  server's answer ────────┴──> decorate ──> resultType, ttlMs, cacheScope, codes of this revision
//!  server's request ──────────> input + state ──> an input_required result, sealed
//! ```

pub mod decorate;
pub mod detect;
mod digest;
pub mod head;
pub mod headers;
pub mod input;
pub mod listening;
pub mod meta;
pub mod mirror;
pub mod mirrored;
pub mod object;
pub mod offer;
pub mod state;
pub mod tools;

pub use detect::is_modern;
pub use digest::{Digest, digest};
pub use head::{Field, ModernHead};
pub use offer::Offer;
pub use state::{Secret, pod_of};
