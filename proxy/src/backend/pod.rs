//! The MCP pod: seen through a watch, brought up through its StatefulSet's scale, told apart by
//! process, marked ready by the readiness gate, replaced when that is the quickest way to a fresh
//! process.
//!
//! ```text
//!  watch ──PodView──> worker ──Revival::step──> attach ──> Bridge
//!                       │  └──Absent──> scale to 1
//!                       ├──GateReport──> gate ──patch pods/status
//!                       └──Replace────> delete pod
//! ```
//!
//! Rights needed, all by name: `statefulsets/scale` get+patch; `pods` get/list/watch/delete;
//! `pods/attach` get+create; `pods/status` patch.

pub mod facts;
pub mod gate;
mod report;
mod scale;
mod serve;
mod target;
mod watch;
mod worker;

pub use self::{
    target::{Target, TargetError},
    worker::run,
};
