//! Begins what tells of calls, and sees that the last of it is sent.

use std::time::Duration;

use hivewright_telemetry::{LogLayer, Process, Running, Source, Telemetry};

use tokio::time::timeout;

use super::AppError;
use crate::{audit::Audit, exchange::Scribe, fleet::Fleet, settings::Telling};

/// Longest that the end of the process waits for it: what the two stages of the drain leave of a pod's
/// 30 s.
const END_WAIT: Duration = Duration::from_secs(3);

/// Traces, exported metrics and log, and the audit log.
#[derive(Debug)]
pub(super) struct Teller {
    scribe: Scribe,
    audit: Option<Audit>,
    exporter: Running,
}

impl Teller {
    /// Begins what was asked for. Needs a runtime.
    ///
    /// # Errors
    /// If the audit log cannot be written, or the system has no certificates to check a collector's.
    pub(super) fn begin(told: Telling, fleet: &Fleet, log: &LogLayer) -> Result<Self, AppError> {
        let metrics = fleet.metrics().clone();
        let shown = fleet.clone();
        let process = Process {
            counts: metrics.telemetry().clone(),
            source: Source::new(move || shown.metrics().gather(&shown.gauges())),
            exemplars: metrics.exemplars().clone(),
        };
        let (telemetry, exporter) = Telemetry::start(&told.telemetry, process)?;
        if told.log {
            log.connect(&telemetry);
        }
        let audit = told.audit.map(|settings| {
            let registry = metrics.registry();
            Audit::begin(settings, telemetry.clone(), registry)
        });
        let audit = audit.transpose()?;
        Ok(Self {
            scribe: Scribe::new(telemetry, audit.clone(), metrics, told.legacy),
            audit,
            exporter,
        })
    }

    /// For the doors.
    pub(super) fn scribe(&self) -> Scribe {
        self.scribe.clone()
    }

    /// Writes and sends what waits, for [`END_WAIT`] at most.
    pub(super) async fn end(self) {
        let end = async {
            if let Some(audit) = self.audit {
                audit.end().await;
            }
            self.exporter.end().await;
        };
        if timeout(END_WAIT, end).await.is_err() {
            tracing::warn!("the last of the telemetry was not sent in time and is lost");
        }
    }
}
