//! The loop that keeps one fresh, attached process behind the bridge.

use std::{error::Error, time::Duration};

use hivewright_bridge::io::Loss;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    facts::{PodView, ProcessId},
    gate::Gate,
    report,
    serve::{Attached, End},
    target::{Grace, Target},
    watch::follow,
};
use crate::{
    backend::{
        attach::{ConnectError, connect},
        backoff::{Backoff, random},
        counters::Counters,
        revive::{Revival, Step, Why},
    },
    driver::Bridge,
};

/// First and longest wait after a failed call: an attach that came too early is tried again before
/// anyone notices, an API server that is down is asked a few times a minute.
const RETRY_BASE: Duration = Duration::from_millis(100);
const RETRY_CAP: Duration = Duration::from_secs(10);
/// How often the scale is looked at while there is no pod.
const SCALE_CHECK: Duration = Duration::from_secs(15);
/// Longest that a lost process's reason is waited for before its successor is. A patch takes
/// milliseconds.
const REPORT_LIMIT: Duration = Duration::from_secs(1);
/// Longest that shutting down waits for the API server.
const FAREWELL_LIMIT: Duration = Duration::from_secs(3);

/// Keeps the pod up and its process attached until `shutdown`. At shutdown the pod is replaced: a
/// process that has been initialised is of no use to the next proxy, which then finds a fresh one.
pub async fn run(bridge: Bridge, target: Target, shutdown: CancellationToken) {
    let tasks = CancellationToken::new();
    let _ends_with_us = tasks.clone().drop_guard();
    let (views_out, views) = watch::channel(PodView::Unknown);
    let (gate, carry) = Gate::new(target.clone(), tasks.clone());
    tokio::spawn(follow(target.clone(), views_out, tasks).in_current_span());
    tokio::spawn(carry.in_current_span());
    let counters = Counters::register(bridge.metrics().registry());
    let worker = Worker {
        bridge,
        target,
        views,
        gate,
        counters,
        revival: Revival::default(),
        retry: Backoff::new(RETRY_BASE, RETRY_CAP),
        start: Instant::now(),
        shutdown,
    };
    worker.run().await;
}

struct Worker {
    bridge: Bridge,
    target: Target,
    views: watch::Receiver<PodView>,
    gate: Gate,
    counters: Counters,
    revival: Revival,
    retry: Backoff,
    start: Instant,
    shutdown: CancellationToken,
}

impl Worker {
    async fn run(mut self) {
        while !self.shutdown.is_cancelled() {
            let view = self.views.borrow_and_update().clone();
            self.tell_exit(&view);
            match self.revival.step(&view, self.start.elapsed()) {
                Step::Wait(until) => self.wait(&view, until).await,
                Step::Replace(uid, why) => self.replace(&uid, why).await,
                Step::Attach(process) => {
                    let span = tracing::info_span!("process", id = %process);
                    self.attach(process).instrument(span).await;
                }
            }
        }
    }

    /// Waits for a change of the pod; meanwhile sees to it that there is one.
    async fn wait(&mut self, view: &PodView, until: Option<Duration>) {
        let mut wake = until.map(|until| self.start + until);
        if *view == PodView::Absent {
            let check = match self.target.ensure_scaled().await {
                Ok(scaled) => {
                    self.retry.reset();
                    if scaled {
                        tracing::info!("StatefulSet scaled up");
                    }
                    SCALE_CHECK
                }
                Err(error) => {
                    let wait = self.retry.wait(random());
                    tracing::warn!(
                        error = &error as &dyn Error,
                        ?wait,
                        "StatefulSet not scaled"
                    );
                    wait
                }
            };
            wake = Some(Instant::now() + check);
        }
        tokio::select! {
            () = self.shutdown.cancelled() => {}
            changed = self.views.changed() => changed.expect("the watch task outlives the worker"),
            () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
        }
    }

    async fn replace(&mut self, uid: &str, why: Why) {
        tracing::info!(uid, reason = why.as_str(), "replacing the pod");
        match self.target.delete(uid, Grace::of(why)).await {
            Ok(()) => {
                self.counters.replaced(why);
                self.retry.reset();
            }
            Err(error) => {
                self.revival.not_replaced();
                tracing::warn!(error = &error as &dyn Error, "pod not replaced");
                self.pause().await;
            }
        }
    }

    async fn attach(&mut self, process: ProcessId) {
        // The claim comes before the first byte: whoever finds it later knows that the process may
        // have been spoken to.
        let claim = report::pending(&process);
        let ready = async { tokio::join!(connect(&self.target), self.gate.reported(claim)).0 };
        let socket = tokio::select! {
            () = self.shutdown.cancelled() => return,
            socket = ready => socket,
        };
        match socket {
            Ok(socket) => {
                self.retry.reset();
                self.counters.started();
                tracing::info!("attached");
                let attached = Attached {
                    bridge: &self.bridge,
                    gate: &self.gate,
                    process: &process,
                    shutdown: &self.shutdown,
                };
                let end = attached.serve(socket, self.views.clone()).await;
                self.ended(process, end).await;
            }
            Err(error) => self.not_attached(&error).await,
        }
    }

    async fn not_attached(&mut self, error: &ConnectError) {
        self.counters.attach_failed();
        tracing::warn!(error = error as &dyn Error, "not attached");
        self.pause().await;
    }

    /// The process is lost: says so where it is read, and leaves the rest to the policy.
    async fn ended(&mut self, process: ProcessId, end: End) {
        let Some(ending) = end.ending else {
            self.farewell(&process).await;
            return;
        };
        let process = self.latest(process);
        let told = report::lost(&process, end.loss, end.served.is_some(), None);
        // Before the pod may be replaced, so that the reason can be seen; a report that does not
        // get through must not keep the next process waiting.
        let _ = timeout(REPORT_LIMIT, self.gate.reported(told)).await;
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
        match &*self.views.borrow() {
            PodView::Present(pod) if pod.uid == process.pod => {
                pod.running().cloned().unwrap_or(process)
            }
            PodView::Present(_) | PodView::Absent | PodView::Unknown => process,
        }
    }

    /// While no process runs, the gate says how the last one ended: also one that ended before it
    /// could be attached to.
    fn tell_exit(&self, view: &PodView) {
        if let PodView::Present(pod) = view
            && let Some(exit) = &pod.last_exit
            && pod.running().is_none()
            && !pod.leaving
        {
            let served = self.revival.had_served(&exit.process);
            let told = report::lost(&exit.process, Loss::ProcessExited, served, Some(exit));
            self.gate.report(told);
        }
    }

    /// Hands a fresh process to the next proxy, or at least says that nobody serves this one.
    async fn farewell(&self, process: &ProcessId) {
        let deleted = timeout(
            FAREWELL_LIMIT,
            self.target.delete(&process.pod, Grace::Short),
        )
        .await;
        if matches!(deleted, Ok(Ok(()))) {
            tracing::info!("pod replaced for the next proxy");
            return;
        }
        let draining = self.gate.reported(report::draining(process));
        // Its outcome changes nothing: the next proxy replaces a pod that is claimed.
        let _ = timeout(FAREWELL_LIMIT, draining).await;
    }

    async fn pause(&mut self) {
        let wait = self.retry.wait(random());
        tokio::select! {
            () = self.shutdown.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}
