//! From our own types to the messages of OTLP, whose types are opentelemetry-proto's.

mod common;
pub(crate) mod logs;
pub(crate) mod metrics;
mod proto;
pub(crate) mod traces;

pub(crate) use common::resource;
