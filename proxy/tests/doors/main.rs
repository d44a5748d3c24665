//! The doors in process: real requests, the real hub, a scripted server behind the driver's seam.

mod answers;
mod cut;
mod drain;
mod fleet;
mod h2;
mod h2_hostile;
mod http_sse;
mod many;
mod metrics;
mod modern;
mod modern_rules;
mod owners;
mod pressure;
mod refusals;
mod resume;
mod resume_bounds;
mod revisions;
mod server_loss;
mod slow_reader;
mod support;
#[path = "../common/watchdog.rs"]
mod watchdog;
mod wire;
