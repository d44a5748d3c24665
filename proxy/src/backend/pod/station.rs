//! What serving one pod needs, whatever its transport.

use std::{sync::Arc, time::Duration};

use hivewright_bridge::io::Loss;
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    facts::{PodView, ProcessId},
    gate::Gate,
    report,
    target::Target,
};
use crate::{
    backend::{Counters, backoff::Backoff, backoff::random},
    driver::{Bridge, ServerHealth},
};

/// How often a missing pod makes the StatefulSet's count be looked at again.
const SCALE_CHECK: Duration = Duration::from_secs(15);
/// How long the pod may show no running process before it is taken for gone: the kubelet may be
/// between two reports.
const STREAM_LAG: Duration = Duration::from_secs(3);

/// How serving a pod is ended.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// Ends the serving of this pod.
    pub(super) leave: CancellationToken,
    /// Ends the proxy; `leave` is its child.
    pub(super) proxy: CancellationToken,
}

impl Stop {
    /// What the bridge is told.
    pub(super) fn loss(&self) -> Loss {
        if self.proxy.is_cancelled() {
            Loss::Draining
        } else {
            Loss::ScaledDown
        }
    }
}

/// One pod, its bridge, and what its worker says and hears.
#[derive(Debug)]
pub(super) struct Station {
    pub(super) bridge: Bridge,
    pub(super) target: Target,
    pub(super) views: watch::Receiver<PodView>,
    pub(super) gate: Gate,
    pub(super) counters: Counters,
    /// Asks for a look at the StatefulSet's count.
    pub(super) poke: Arc<Notify>,
    /// Whether a session has the pod to itself, and nobody may get it after that.
    pub(super) exclusive: bool,
    pub(super) stop: Stop,
}

impl Station {
    /// Waits for a change of the pod, at most until then; meanwhile sees to it that there is one.
    pub(super) async fn wait(&mut self, view: &PodView, until: Option<Instant>) {
        let mut wake = until;
        if *view == PodView::Absent {
            self.poke.notify_one();
            wake = Some(Instant::now() + SCALE_CHECK);
        }
        tokio::select! {
            () = self.stop.leave.cancelled() => {}
            changed = self.views.changed() => changed.expect("the watch task outlives the worker"),
            () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
        }
    }

    /// Waits a little after a failure.
    pub(super) async fn pause(&self, retry: &mut Backoff) {
        let wait = retry.wait(random());
        tokio::select! {
            () = self.stop.leave.cancelled() => {}
            () = sleep(wait) => {}
        }
    }

    /// While no process runs, the gate says how the last one ended: also one that ended before it
    /// could be spoken to. `served` tells whether it had answered `initialize`.
    pub(super) fn tell_exit(&self, view: &PodView, served: impl Fn(&ProcessId) -> bool) {
        if let PodView::Present(pod) = view
            && let Some(exit) = &pod.last_exit
            && pod.running().is_none()
            && !pod.leaving
        {
            let served = served(&exit.process);
            let told = report::lost(&exit.process, Loss::ProcessExited, served, Some(exit));
            self.gate.report(told);
        }
    }

    /// Opens the gate once the server is initialised, and notes when that was.
    pub(super) async fn tell_health(
        &self,
        process: &ProcessId,
        since: &mut Option<Instant>,
    ) -> std::convert::Infallible {
        let mut health = self.bridge.status();
        loop {
            if let ServerHealth::Initialized(server) = &*health.borrow_and_update() {
                since.get_or_insert_with(Instant::now);
                self.gate.report(report::initialized(process, server));
            }
            if health.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Why the driver dropped the process.
    pub(super) fn verdict(&self) -> Loss {
        match &*self.bridge.status().borrow() {
            ServerHealth::Failed(loss) => *loss,
            // The queue ends only after the driver has said why.
            ServerHealth::Down | ServerHealth::Handshaking | ServerHealth::Initialized(_) => {
                Loss::NotReading
            }
        }
    }

    /// The pod has not shown what is wanted for [`STREAM_LAG`].
    pub(super) async fn vanished(&self, there: impl Fn(&PodView) -> bool) {
        let mut views = self.views.clone();
        loop {
            let gone = views.wait_for(|view| !there(view)).await.is_ok();
            if gone {
                sleep(STREAM_LAG).await;
                if !there(&views.borrow()) {
                    return;
                }
            } else {
                std::future::pending::<()>().await;
            }
        }
    }
}
