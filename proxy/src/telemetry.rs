//! The log: one line an event, on stderr.

use std::io::IsTerminal as _;

use clap::ValueEnum;
use hivewright_telemetry::LogLayer;
use tracing_subscriber::{
    EnvFilter,
    filter::ParseError,
    layer::SubscriberExt as _,
    util::{SubscriberInitExt as _, TryInitError},
};

/// What is logged unless told otherwise: our own facts, each request, the server's stderr, and the
/// warnings of libraries.
pub const DEFAULT_FILTER: &str = "warn,hivewright_proxy=info,access=info,server=info";

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people: time, level, span, message, fields.
    #[value(alias = "text")]
    Plain,
    /// For machines: one JSON object a line.
    Json,
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter does not parse.
    #[error("--log does not parse; write LEVEL or TARGET=LEVEL, separated by commas")]
    Filter(#[source] ParseError),
    /// Another subscriber is installed in this process.
    #[error("logging was already set up in this process")]
    Installed(#[source] TryInitError),
}

/// Sets up the process's log. Gives what exports it, once that is known where to.
///
/// # Errors
/// If the filter does not parse, or a log is set up already.
pub fn init(format: LogFormat, filter: &str) -> Result<LogLayer, TelemetryError> {
    let filter = parse(filter)?;
    let colours = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(colours);
    let exported = LogLayer::default();
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(exported.clone());
    match format {
        LogFormat::Plain => registry.with(lines).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    }
    .map_err(TelemetryError::Installed)?;
    Ok(exported)
}

fn parse(filter: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::builder()
        .parse(filter)
        .map_err(TelemetryError::Filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_filter_parses_and_nonsense_is_refused() {
        assert!(parse(DEFAULT_FILTER).is_ok());
        assert!(matches!(
            parse("hivewright_proxy=loud"),
            Err(TelemetryError::Filter(_))
        ));
    }
}
