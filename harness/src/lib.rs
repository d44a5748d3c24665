//! Brings up what Hivewright is tried on, from nothing, and quickly the second time.
//!
//! ```text
//!  engine ──> tools ──> node image ──> cluster ──> registry ──> images ──> charts ──> demo, scenarios
//!     │          │          │             │            │           │
//!     └──────────┴──────────┴── every one an ensured step: stamp, log, bound, one sentence on failure
//!
//!  without a cluster:  npm, venv, tools ──> conformance, interop, fuzz, peers ──> bench
//!                      types, charts, programs ──> reference
//! ```
//!
//! Nothing generated goes into the project's tree; everything is under one cache directory
//! ([`place::Place`]).

pub mod browser;
pub mod charts;
pub mod cluster;
pub mod command;
pub mod conformance;
pub mod dashboards;
pub mod deny;
pub mod docker;
pub mod engine;
pub mod fuzz;
pub mod images;
pub mod interop;
pub mod lock;
pub mod machine;
pub mod missing;
pub mod node;
pub mod npm;
pub mod outside;
pub mod place;
pub mod poll;
pub mod prometheus;
pub mod reference;
pub mod registry;
pub mod roots;
pub mod rules;
pub mod scenarios;
pub mod stamp;
pub mod step;
pub mod tools;
pub mod up;
pub mod venv;

#[cfg(feature = "cluster")]
pub mod access;
#[cfg(feature = "cluster")]
pub mod bench;
#[cfg(feature = "cluster")]
pub mod demo;
#[cfg(feature = "cluster")]
pub mod dump;
#[cfg(feature = "cluster")]
pub mod extract;
#[cfg(feature = "cluster")]
pub mod forward;
#[cfg(feature = "cluster")]
pub mod kubectl;
#[cfg(feature = "cluster")]
pub mod mcp;
#[cfg(feature = "cluster")]
pub mod ns;
#[cfg(feature = "cluster")]
pub mod on_node;
#[cfg(feature = "cluster")]
pub mod packets;
#[cfg(feature = "cluster")]
pub mod peers;
#[cfg(feature = "cluster")]
pub mod scale;
#[cfg(feature = "cluster")]
pub mod scrape;
#[cfg(feature = "cluster")]
pub mod wait;
