//! The readiness gate: a condition of the MCP pod that says whether an MCP client would be answered.
//!
//! The worker only says what is true ([`Gate::report`]); one task carries the latest report to the
//! pod and retries until it is there or a newer one takes its place, so reports cannot overtake
//! each other. The patch names the pod's uid: a report about a pod that has been replaced does not
//! reach its successor.
//!
//! The server's stderr never goes into the condition: it may hold secrets, and whoever may read
//! pods need not be allowed to read logs.

use std::{error::Error, sync::Arc, time::Duration};

use hivewright_api::{gate::GateReason, names::INITIALIZED_GATE};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    super::backoff::{Backoff, random},
    condition::Condition,
    target::{Target, TargetError},
};

/// Longest message of the condition, in characters. The API allows 32 KiB; a sentence is read.
pub const MAX_MESSAGE: usize = 512;
/// First and longest wait between failed patches.
const RETRY_BASE: Duration = Duration::from_millis(100);
const RETRY_CAP: Duration = Duration::from_secs(5);

/// What the condition is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateReport {
    /// `metadata.uid` of the pod that it is about.
    pub pod: Arc<str>,
    /// The reason; the condition is true for [`GateReason::Initialized`] alone.
    pub reason: GateReason,
    /// One sentence.
    pub message: String,
}

/// Cut to [`MAX_MESSAGE`] characters, without control characters.
pub(super) fn clean(message: &str) -> String {
    let visible = message.chars().filter(|c| !c.is_control());
    visible.take(MAX_MESSAGE).collect()
}

impl GateReport {
    /// A report whose message is cut to [`MAX_MESSAGE`] characters and holds no control characters:
    /// it may contain words of the server.
    pub fn new(pod: Arc<str>, reason: GateReason, message: &str) -> Self {
        Self {
            pod,
            reason,
            message: clean(message),
        }
    }

    fn condition(&self) -> Condition<'_> {
        Condition {
            kind: INITIALIZED_GATE,
            status: self.reason == GateReason::Initialized,
            reason: self.reason.as_str(),
            message: &self.message,
        }
    }
}

/// Where reports are left.
#[derive(Debug)]
pub(super) struct Gate {
    wanted: watch::Sender<Option<GateReport>>,
    settled: watch::Receiver<Option<GateReport>>,
}

impl Gate {
    /// The gate, and the task that carries its reports to the pod until `shutdown`.
    pub(super) fn new(
        target: Target,
        shutdown: CancellationToken,
    ) -> (Self, impl Future<Output = ()> + Send) {
        let (wanted, reports) = watch::channel(None);
        let (done, settled) = watch::channel(None);
        (
            Self { wanted, settled },
            carry(target, reports, done, shutdown),
        )
    }

    /// Leaves a report. The same one again is no work.
    pub(super) fn report(&self, report: GateReport) {
        self.wanted.send_if_modified(|old| {
            let new = old.as_ref() != Some(&report);
            if new {
                *old = Some(report);
            }
            new
        });
    }

    /// Leaves a report and waits until the pod carries it, or is gone. Cancel-safe.
    pub(super) async fn reported(&self, report: GateReport) {
        self.report(report.clone());
        let mut settled = self.settled.clone();
        // An error means that the task has ended, which it does at shutdown only.
        let _ = settled
            .wait_for(|done| done.as_ref() == Some(&report))
            .await;
    }
}

async fn carry(
    target: Target,
    mut reports: watch::Receiver<Option<GateReport>>,
    settled: watch::Sender<Option<GateReport>>,
    shutdown: CancellationToken,
) {
    loop {
        let next = tokio::select! {
            () = shutdown.cancelled() => return,
            next = reports.changed() => next,
        };
        if next.is_err() {
            return;
        }
        let report = reports.borrow_and_update().clone();
        if let Some(report) = report {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = settle(&target, &report, reports.clone()) => {}
            }
            settled.send_replace(Some(report));
        }
    }
}

/// Patches until it is done, useless, or superseded.
async fn settle(
    target: &Target,
    report: &GateReport,
    mut newer: watch::Receiver<Option<GateReport>>,
) {
    let mut backoff = Backoff::new(RETRY_BASE, RETRY_CAP);
    loop {
        let error = match target
            .patch_condition(&report.pod, &report.condition())
            .await
        {
            Ok(()) => return,
            Err(error) => error,
        };
        if is_of_no_use(&error) {
            tracing::debug!(error = &error as &dyn Error, "pod of a gate report is gone");
            return;
        }
        let wait = backoff.wait(random());
        tracing::warn!(
            error = &error as &dyn Error,
            ?wait,
            "readiness gate not patched"
        );
        tokio::select! {
            () = sleep(wait) => {}
            changed = newer.changed() => {
                if changed.is_ok() { return }
            }
        }
    }
}

/// The pod is gone, or another one has its name: 404, and 409 or 422 for the uid that differs.
/// (A patch that meets another writer is tried again by the API server itself.)
fn is_of_no_use(error: &TargetError) -> bool {
    matches!(error.status(), Some(404 | 409 | 422))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::Timestamp;

    use super::*;

    #[test]
    fn the_condition_is_true_for_initialized_alone() {
        for reason in GateReason::ALL {
            let report = GateReport::new(Arc::from("u1"), reason, "A sentence.");
            let patch = report.condition().patch("u1", Timestamp::UNIX_EPOCH);
            let condition = &patch["status"]["conditions"][0];
            let expected = if reason == GateReason::Initialized {
                "True"
            } else {
                "False"
            };
            assert_eq!(condition["status"], expected, "{reason}");
            assert_eq!(condition["type"], "hivewright.dev/initialized");
            assert_eq!(condition["lastTransitionTime"], "1970-01-01T00:00:00Z");
            assert_eq!(patch["metadata"]["uid"], "u1");
        }
    }

    #[test]
    fn words_of_the_server_are_cut_and_lose_control_characters() {
        let name = format!("a\u{1b}[31m\n{}", "é".repeat(MAX_MESSAGE));
        let report = GateReport::new(Arc::from("u1"), GateReason::Initialized, &name);
        assert!(report.message.starts_with("a[31mé"));
        assert_eq!(report.message.chars().count(), MAX_MESSAGE);
    }
}
