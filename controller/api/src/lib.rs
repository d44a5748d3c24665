//! What the user writes and what Hivewright's programs agree on: types, names and labels.
//!
//! ```text
//!  manifest (YAML) ──serde──> MCPServer { spec, status } ──schemars──> CustomResourceDefinition
//!                                  │
//!                                  └── names ──> every derived object, port, path and label
//!  controller ──ProxyConfig (JSON in a ConfigMap)──> proxy
//! ```
//!
//! No logic lives here, no I/O, no clock: controller, proxy and harness all read this crate and
//! nothing of each other.

pub mod audit;
pub mod cloud_event;
mod crd;
pub mod gate;
pub mod names;
pub mod proxy_config;
pub mod spec;
pub mod status;

pub use cloud_event::CloudEvent;
pub use crd::crd;
pub use gate::GateReason;
pub use proxy_config::ProxyConfig;
pub use spec::{MCPServer, MCPServerSpec};
pub use status::MCPServerStatus;
