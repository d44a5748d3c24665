//! Options of `run` about traces and the audit log.

use std::path::PathBuf;

use clap::ValueEnum;

/// What is told of calls, and to whom. What is not said here about the collector the environment says,
/// by the names of the OpenTelemetry specification (`OTEL_EXPORTER_OTLP_HEADERS` and so on).
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Telemetry")]
pub struct TellingArgs {
    /// Collector that gets traces, log and metrics, by OTLP over HTTP: a URL, or HOST:PORT with TLS.
    /// Default: `OTEL_EXPORTER_OTLP_ENDPOINT` of the environment, and without that nobody.
    #[arg(long, value_name = "URL")]
    pub otlp_endpoint: Option<String>,
    /// Share of the traces that begin here which are recorded, 0 to 1. Others are recorded if their
    /// caller does. Default: `OTEL_TRACES_SAMPLER` of the environment, and without that all.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub trace_share: Option<f64>,
    /// Write to the end of this file who called what, with what outcome and size, as CloudEvents, one
    /// a line; - is stdout.
    #[arg(long, value_name = "FILE", env = "HIVEWRIGHT_AUDIT")]
    pub audit: Option<PathBuf>,
    /// Parts of the messages that the audit log holds too. They may hold secrets.
    #[arg(
        long,
        value_enum,
        value_name = "PART",
        value_delimiter = ',',
        env = "HIVEWRIGHT_AUDIT_DATA",
        requires = "audit"
    )]
    pub audit_data: Vec<AuditPart>,
}

/// A part of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AuditPart {
    /// The parameters.
    Request,
    /// The answer.
    Response,
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok();
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "write a number from 0 to 1".to_owned())
}
