//! The Hivewright controller: watches MCPServers and makes them so. Thin: what to do is decided in
//! `hivewright-core`, here it is read, written, published and served.
//!
//! ```text
//!   watches (follow) ──> caches (watch) ──observe──> Observed ─┐
//!        └── mark ──> queue ──> lead ──> reconcile             ├── core: project, diff, plan
//!                      ▲                                       │
//!   lease ── leads ────┘        apply <── [Write] ─────────────┤
//!                                 └── results ──> [Event] <────┘
//!                                                    │
//!            settle <── publish: status, Kubernetes Events, metrics, log
//!
//!   admin: /metrics /live /ready          cli ──> args ──> app ──> operate (all of the above)
//! ```
//!
//! Only [`observe`] and [`settle`] read the caches, only [`apply`] and [`publish`] write, only
//! [`app`] knows the process. [`access`] lists every right that this takes.

pub mod access;
pub mod admin;
pub mod app;
pub mod apply;
pub mod args;
pub mod backoff;
pub mod cli;
pub mod client;
pub mod crd;
mod follow;
pub mod lead;
pub mod lease;
pub mod metrics;
pub mod observe;
pub mod operate;
pub mod publish;
pub mod queue;
pub mod reconcile;
pub mod reference;
pub mod settle;
pub mod telemetry;
pub mod watch;
pub mod worker;
