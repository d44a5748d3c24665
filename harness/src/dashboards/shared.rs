//! Panels that several dashboards show: the same words and the same question everywhere.

use super::ask::{REQUESTS, failed_share, rate, rise};
use super::panel::{FEW_FAILURES, Panel, series, stat};
use super::unit::Unit;

/// How much is asked of servers, and how much of it fails.
pub(super) fn load() -> [Panel; 2] {
    [
        stat(
            "Calls per second",
            Unit::Calls,
            "Requests of clients, all MCP methods.",
        )
        .ask(rate(REQUESTS, "", ""), "calls"),
        stat(
            "Failed calls",
            Unit::Share,
            "Share of requests that failed, tool errors included; those that \
             clients took back are none.",
        )
        .ask(failed_share(""), "failed")
        .steps(FEW_FAILURES)
        .up_to(1.0),
    ]
}

/// What became of the telemetry of these pods.
pub(super) fn telemetry() -> [Panel; 2] {
    [
        series(
            "Telemetry sent",
            Unit::Rate,
            "Spans, log records and data points that the OTLP collector took, by \
             signal.",
        )
        .ask(
            rate("hivewright_telemetry_exported_total", "signal", ""),
            "{{signal}}",
        )
        .stacked(),
        series(
            "Telemetry lost",
            Unit::Count,
            "Spans, log records and data points that no OTLP collector got, by \
             signal and why.",
        )
        .ask(
            rise("hivewright_telemetry_dropped_total", "signal, reason", ""),
            "{{signal}} {{reason}}",
        )
        .events(),
    ]
}
