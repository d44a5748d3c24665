//! Telemetry of one process.
//!
//! ```text
//!  spans, log records ──> bounded queue ──batch──> OTLP over HTTP ──> collector
//!  prometheus registry ──┬── OpenMetrics text with exemplars ──> /metrics
//!                        └── the same numbers, at an interval ──> OTLP
//! ```
