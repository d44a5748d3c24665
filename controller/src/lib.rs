//! The Hivewright controller: watches MCPServers and makes them so. Thin: what to do is decided in
//! `hivewright-core`, here it is read, written, published and served.
//!
//! ```text
//!   watches (follow) ──> caches (watch) ──observe──> Observed ─┐
//!        └── tell ──> queue ──> lead ──> reconcile             ├── core: project, diff, plan
//!                      ▲                                       │
//!   lease ── leads ────┤        apply <── [Write] ─────────────┤
//!   probe ── verdicts ─┘          │                            │
//!                                 └── results ──> [Event] <────┘
//!                                                    │
//!            settle <── publish: status, journal, Kubernetes Events, metrics, log, spans
//!                                          │
//!   plugin (people, at their desks) ──> admin: auth ──> reading (/events /state /why), page
//!                                       admin: /metrics /live /ready
//!
//!   cli ──> args ──> app ──> operate (all of the above)
//! ```
//!
//! Caches hold objects by name ([`watch`]), or in groups and cut down ([`shelf`]): pods by server,
//! [`secrets`] by their metadata, [`refusals`] of pods; [`profiles`] are watched one by one.
//!
//! Only [`observe`] and [`settle`] read the caches, only [`apply`] and [`publish`] write, only
//! [`app`] knows the process. [`access`] lists every right that this takes.

pub mod access;
pub mod admin;
pub mod app;
pub mod apply;
pub mod args;
mod around;
pub mod auth;
pub mod backoff;
pub mod cli;
pub mod client;
pub mod crd;
pub mod figures;
mod follow;
pub mod journal;
pub mod key;
pub mod lead;
pub mod lease;
pub mod metrics;
mod named;
pub mod observe;
pub mod operate;
pub mod page;
pub mod plugin;
pub mod probe;
pub mod profiles;
pub mod publish;
pub mod queue;
pub mod reading;
pub mod reconcile;
mod recorder;
pub mod reference;
mod references;
pub mod refusals;
mod rewatch;
pub mod schemas;
pub mod secrets;
mod send;
pub mod settle;
pub mod shelf;
pub mod telemetry;
mod tell;
mod trace;
mod trim;
pub mod watch;
pub mod worker;
