//! The live part of the configuration: read from the mounted file at the start, then followed
//! through the API, because a mounted file may be a minute old.
//!
//! ```text
//!  live.json (mounted) ──> parse ──> first value ──┐
//!  ConfigMap NAME-proxy ──watch──> parse ──> watch::Sender<LiveConfig> ──> pods, egress gateway
//!                                    └─ bad: logged, the last good value stays
//! ```

mod document;
mod follow;

pub use self::{
    document::{LiveError, parse},
    follow::follow,
};
