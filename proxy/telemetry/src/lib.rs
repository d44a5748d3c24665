//! Telemetry of one process: OpenTelemetry out by OTLP/HTTP, and OpenMetrics for who scrapes.
//!
//! ```text
//!  traceparent ──Context──> Telemetry::sample ──None──> (nothing is made, nothing is kept)
//!                                  │
//!                                  └──Some(Context)──> Span ──> spans() ─┐
//!  log lines ──LogLayer──> Record ──────────────────────────> log() ────┤
//!                                                                        v
//!                                             bounded queues, what is lost is counted
//!                                                                        │ batches, retry
//!  registry ──gather──┬── at an interval ────────────────────────────────┴──OTLP/HTTP──> collector
//!                     └── Format::negotiate, encode ──> /metrics, with Exemplars
//! ```
//!
//! Spans and records are made by hand, when they have ended: whoever decides not to record makes
//! none. The messages of OTLP are opentelemetry-proto's. The queue, its bounds and the counting are
//! ours: OpenTelemetry's own batch processors run on threads of their own, where no tokio client can
//! be used, and do not say what they have lost; its exporter only logs what a collector rejected.

#[cfg(any(test, feature = "collector"))]
pub mod collector;
mod context;
mod counts;
mod export;
mod exposition;
mod ids;
mod layer;
mod queue;
mod record;
mod sampling;
pub mod settings;
mod span;
mod telemetry;
#[cfg(test)]
mod tests;
pub mod tls;
mod value;
mod wire;

pub use context::{Context, TRACEPARENT};
pub use counts::{Counts, Loss, Signal};
pub use export::{ClientError, Source};
pub use exposition::{Exemplars, FamilyExemplars, Format, MAX_SERIES, encode};
pub use ids::{NoId, SpanId, TraceId};
pub use layer::{LogLayer, MAX_TEXT};
pub use record::{Record, Severity};
pub use sampling::Sampler;
pub use settings::{Choice, Identity, Settings};
pub use span::{Event, Kind, Span, Status};
pub use telemetry::{FLUSH, Process, Running, Telemetry};
pub use value::{Attribute, Value};
