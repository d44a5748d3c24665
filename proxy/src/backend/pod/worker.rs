//! The loop that keeps one fresh, attached process behind the bridge: stdio.

use std::{error::Error, time::Duration};

use tokio::time::{Instant, timeout};
use tracing::Instrument;

use super::{
    facts::{PodView, ProcessId},
    report,
    serve::End,
    station::Station,
    target::Grace,
};
use crate::backend::{
    attach::{ConnectError, connect},
    backoff::{Backoff, random},
    revive::{Revival, Step, Why},
};

/// First and longest wait after a failed call: an attach that came too early is tried again before
/// anyone notices, an API server that is down is asked a few times a minute.
const RETRY_BASE: Duration = Duration::from_millis(100);
const RETRY_CAP: Duration = Duration::from_secs(10);
/// Longest that a lost process's reason is waited for before its successor is. A patch takes
/// milliseconds.
pub(super) const REPORT_LIMIT: Duration = Duration::from_secs(1);
/// Longest that shutting down waits for the API server.
pub(super) const FAREWELL_LIMIT: Duration = Duration::from_secs(3);

/// Keeps the pod's process attached until the station is left. At the proxy's shutdown the pod is
/// replaced: a process that has been initialised is of no use to the next proxy, which then finds a
/// fresh one.
pub(super) async fn run(station: Station) {
    let worker = Worker {
        station,
        revival: Revival::default(),
        retry: Backoff::new(RETRY_BASE, RETRY_CAP),
        start: Instant::now(),
    };
    worker.run().await;
}

struct Worker {
    station: Station,
    revival: Revival,
    retry: Backoff,
    start: Instant,
}

impl Worker {
    async fn run(mut self) {
        while !self.station.stop.leave.is_cancelled() {
            let view = self.station.views.borrow_and_update().clone();
            self.station
                .tell_exit(&view, |process| self.revival.had_served(process));
            match self.revival.step(&view, self.start.elapsed()) {
                Step::Wait(until) => {
                    let until = until.map(|until| self.start + until);
                    self.station.wait(&view, until).await;
                }
                Step::Replace(uid, why) => self.replace(&uid, why).await,
                Step::Attach(process) => {
                    let span = tracing::info_span!("process", id = %process);
                    self.attach(process).instrument(span).await;
                }
            }
        }
    }

    async fn replace(&mut self, uid: &str, why: Why) {
        tracing::info!(uid, reason = why.as_str(), "replacing the pod");
        match self.station.target.delete(uid, Grace::of(why)).await {
            Ok(()) => {
                self.station.counters.replaced(why);
                self.retry.reset();
            }
            Err(error) => {
                self.revival.not_replaced();
                tracing::warn!(error = &error as &dyn Error, "pod not replaced");
                self.station.pause(&mut self.retry).await;
            }
        }
    }

    async fn attach(&mut self, process: ProcessId) {
        // The claim comes before the first byte: whoever finds it later knows that the process may
        // have been spoken to.
        let claim = report::pending(&process);
        let station = &self.station;
        let ready =
            async { tokio::join!(connect(&station.target), station.gate.reported(claim)).0 };
        let socket = tokio::select! {
            () = station.stop.leave.cancelled() => return,
            socket = ready => socket,
        };
        match socket {
            Ok(socket) => {
                self.retry.reset();
                station.counters.started();
                tracing::info!("attached");
                let end = station.serve(&process, socket).await;
                self.ended(process, end).await;
            }
            Err(error) => self.not_attached(&error).await,
        }
    }

    async fn not_attached(&mut self, error: &ConnectError) {
        self.station.counters.attach_failed();
        tracing::warn!(error = error as &dyn Error, "not attached");
        self.station.pause(&mut self.retry).await;
    }

    /// The process is lost: says so where it is read, and leaves the rest to the policy.
    async fn ended(&mut self, process: ProcessId, end: End) {
        let Some(ending) = end.ending else {
            // A pod that is scaled away goes by itself; one that is deleted would be made again.
            if self.station.stop.proxy.is_cancelled() {
                self.farewell(&process).await;
            }
            return;
        };
        let process = self.latest(process);
        let told = report::lost(&process, end.loss, end.served.is_some(), None);
        // Before the pod may be replaced, so that the reason can be seen; a report that does not
        // get through must not keep the next process waiting.
        let _ = timeout(REPORT_LIMIT, self.station.gate.reported(told)).await;
        self.revival.ended(
            process,
            ending,
            end.served,
            (self.start.elapsed(), random()),
        );
    }

    /// The process that the pod shows now, if it is a later one of the same pod. The connection may
    /// have been to that one: a container that restarted just before we attached. Taking it for
    /// lost costs a restart; taking it for fresh could send it a second `initialize`.
    fn latest(&self, process: ProcessId) -> ProcessId {
        match &*self.station.views.borrow() {
            PodView::Present(pod) if pod.uid == process.pod => {
                pod.running().cloned().unwrap_or(process)
            }
            PodView::Present(_) | PodView::Absent | PodView::Unknown => process,
        }
    }

    /// Hands a fresh process to the next proxy, or at least says that nobody serves this one.
    async fn farewell(&self, process: &ProcessId) {
        let deleted = timeout(
            FAREWELL_LIMIT,
            self.station.target.delete(&process.pod, Grace::Short),
        )
        .await;
        if matches!(deleted, Ok(Ok(()))) {
            tracing::info!("pod replaced for the next proxy");
            return;
        }
        let draining = self.station.gate.reported(report::draining(process));
        // Its outcome changes nothing: the next proxy replaces a pod that is claimed.
        let _ = timeout(FAREWELL_LIMIT, draining).await;
    }
}
