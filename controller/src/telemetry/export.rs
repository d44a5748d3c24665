//! Traces, metrics and log records by OTLP, as the environment says (`OTEL_*`); the chart's values
//! `telemetry.otlp` become such variables.

use hivewright_telemetry::{
    Choice, ClientError, Identity, LogLayer, Process, Running, Settings, Source, Telemetry,
    settings::Problem,
};

use crate::metrics::Metrics;

/// `service.name` unless the environment says otherwise.
pub const SERVICE: &str = "hivewright-controller";

/// Why nothing can be exported though it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting.
    #[error("a variable of the environment cannot be used")]
    Settings(#[from] Problem),
    /// TLS.
    #[error("the collector cannot be asked")]
    Client(#[from] ClientError),
}

/// Starts to export what the environment asks for; log lines through `records`.
///
/// # Errors
/// When something that was set cannot be used. A collector that cannot be reached is no error.
pub fn start(metrics: &Metrics, records: &LogLayer) -> Result<(Telemetry, Running), Error> {
    let identity = Identity {
        service: SERVICE.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        attributes: Vec::new(),
    };
    let settings = Settings::from_env(&Choice::default(), identity)?;
    Ok(start_with(&settings, metrics, records)?)
}

/// The same, with settings of one's own.
///
/// # Errors
/// When TLS to a collector cannot be set up.
pub fn start_with(
    settings: &Settings,
    metrics: &Metrics,
    records: &LogLayer,
) -> Result<(Telemetry, Running), ClientError> {
    let numbers = metrics.clone();
    let process = Process {
        counts: metrics.telemetry().clone(),
        source: Source::new(move || numbers.gather()),
        exemplars: metrics.exemplars().clone(),
    };
    let (telemetry, running) = Telemetry::start(settings, process)?;
    records.connect(&telemetry);
    Ok((telemetry, running))
}
