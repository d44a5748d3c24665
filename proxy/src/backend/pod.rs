//! The MCP pods: seen through a watch, brought up through their StatefulSet's scale, told apart by
//! process, marked ready by the readiness gate, and over stdio replaced when that is the quickest way
//! to a fresh process.
//!
//! ```text
//!  live.json ──> crew ──┬──> scale ──patch statefulsets/scale
//!                       │
//!                       └──> for each pod:
//!  watch ──PodView──┬──> worker (stdio) ──Revival::step──> attach ──> Bridge
//!                   │      │  └──Replace──> delete pod
//!                   ├──> web (HTTP) ──reach, pump──────────────────> Bridge
//!                   │      └──GateReport──> gate ──patch pods/status
//!                   └──> denials ──────────────────patch pods/status
//! ```
//!
//! Rights needed, all by name: `statefulsets/scale` get+patch; `pods` get/list/watch/delete;
//! `pods/attach` get+create; `pods/log` get; `pods/status` patch; `configmaps` get/list/watch.

mod condition;
mod crew;
mod denials;
pub mod facts;
#[cfg(test)]
mod fake;
pub mod gate;
mod recover;
mod report;
mod roster;
mod scale;
mod serve;
mod station;
mod target;
mod watch;
mod web;
mod worker;

pub use self::{
    crew::{Feeds, Speech, run},
    denials::CONDITION_PAUSE,
    recover::{ENDED_AFTER, RECOVER_FOR},
    scale::KEPT_CHECK,
    target::{Site, Target, TargetError},
    web::{RECONNECT_BASE, RECONNECT_CAP, Web},
};
