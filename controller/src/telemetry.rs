//! Logs of the controller: one line an event, as text or as JSON, on standard error, and as OTLP
//! records if a collector is named. Traces and metrics by OTLP are [`export`]'s.

pub mod export;

use std::io::IsTerminal as _;

use clap::ValueEnum;
use hivewright_telemetry::LogLayer;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

/// What is logged unless `--log` says otherwise: our own facts, and the warnings of libraries.
pub const DEFAULT_FILTER: &str = "warn,hivewright_controller=info";

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people: time, level, span, message, fields.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The filter does not parse.
    #[error("--log does not parse; write it as LEVEL or TARGET=LEVEL, separated by commas")]
    Filter(#[source] ParseError),
    /// Another subscriber is installed in this process.
    #[error("logging was already set up in this process")]
    Installed(#[source] TryInitError),
}

/// Checks a filter without installing it.
///
/// # Errors
/// [`Error::Filter`] when it does not parse.
pub fn parse(filter: &str) -> Result<EnvFilter, Error> {
    EnvFilter::builder().parse(filter).map_err(Error::Filter)
}

/// Installs the process's one subscriber. What is returned exports its lines by OTLP once it is
/// connected.
///
/// # Errors
/// When the filter does not parse or a subscriber is there already.
pub fn init(filter: &str, format: Format) -> Result<LogLayer, Error> {
    let records = LogLayer::default();
    let registry = tracing_subscriber::registry()
        .with(parse(filter)?)
        .with(records.clone());
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        Format::Text => registry.with(lines).try_init(),
        Format::Json => registry.with(lines.json()).try_init(),
    }
    .map_err(Error::Installed)?;
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_filter_parses() {
        parse(DEFAULT_FILTER).unwrap();
    }

    #[test]
    fn a_wrong_filter_is_refused_with_what_to_write_instead() {
        let refusal = parse("hivewright=loud").unwrap_err();
        assert!(refusal.to_string().contains("TARGET=LEVEL"), "{refusal}");
    }
}
