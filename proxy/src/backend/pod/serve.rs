//! The time during which one process is attached.

use std::{error::Error, time::Duration};

use hivewright_bridge::io::Loss;
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    facts::{PodView, ProcessId},
    gate::Gate,
    report,
};
use crate::{
    backend::{
        attach::{AttachEnd, Socket, pump},
        revive::Ending,
    },
    driver::{Bridge, ServerHealth},
};

/// How long the connection may stay open after the pod shows that its process has ended. It closes
/// within milliseconds, unless the way to the node is cut.
const STREAM_LAG: Duration = Duration::from_secs(3);

/// What an attached process is served with.
#[derive(Debug)]
pub(super) struct Attached<'a> {
    pub(super) bridge: &'a Bridge,
    pub(super) gate: &'a Gate,
    pub(super) process: &'a ProcessId,
    pub(super) shutdown: &'a CancellationToken,
}

/// How it went.
#[derive(Debug)]
pub(super) struct End {
    /// For the policy; none at shutdown.
    pub(super) ending: Option<Ending>,
    /// What the hub was told.
    pub(super) loss: Loss,
    /// How long the server had been initialised, if it was.
    pub(super) served: Option<Duration>,
}

impl Attached<'_> {
    /// Runs the connection until the process, the connection, the driver or the proxy ends it.
    pub(super) async fn serve(&self, socket: Socket, views: watch::Receiver<PodView>) -> End {
        let mut stdin = self.bridge.server_up();
        let mut since = None;
        let (ending, loss) = tokio::select! {
            end = pump(socket, &mut stdin, self.bridge) => self.judge(&end),
            () = self.vanished(views) => (Some(Ending::Exited), Loss::ProcessExited),
            () = self.shutdown.cancelled() => (None, Loss::Draining),
            never = self.tell_health(&mut since) => match never {},
        };
        self.bridge.server_down(loss);
        End {
            ending,
            loss,
            served: since.map(|since: Instant| since.elapsed()),
        }
    }

    fn judge(&self, end: &AttachEnd) -> (Option<Ending>, Loss) {
        match end {
            AttachEnd::Dropped => (Some(Ending::Unusable), self.verdict()),
            _ if end.process_exited() => {
                tracing::info!(status = %end, "process exited");
                (Some(Ending::Exited), Loss::ProcessExited)
            }
            AttachEnd::Status(_)
            | AttachEnd::Closed
            | AttachEnd::Broken(_)
            | AttachEnd::Silent
            | AttachEnd::Protocol(_) => {
                tracing::warn!(error = end as &dyn Error, "attach lost");
                (Some(Ending::AttachLost), Loss::AttachLost)
            }
        }
    }

    /// Why the driver dropped the process.
    fn verdict(&self) -> Loss {
        match &*self.bridge.status().borrow() {
            ServerHealth::Failed(loss) => *loss,
            // The queue ends only after the driver has said why.
            ServerHealth::Down | ServerHealth::Handshaking | ServerHealth::Initialized(_) => {
                Loss::NotReading
            }
        }
    }

    /// Opens the gate once the server is initialised, and notes when that was.
    async fn tell_health(&self, since: &mut Option<Instant>) -> std::convert::Infallible {
        let mut health = self.bridge.status();
        loop {
            if let ServerHealth::Initialized(server) = &*health.borrow_and_update() {
                since.get_or_insert_with(Instant::now);
                self.gate.report(report::initialized(self.process, server));
            }
            if health.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// The pod has shown no running container for [`STREAM_LAG`].
    async fn vanished(&self, mut views: watch::Receiver<PodView>) {
        loop {
            let gone = views.wait_for(|view| !is_running(view)).await.is_ok();
            if gone {
                sleep(STREAM_LAG).await;
                if !is_running(&views.borrow()) {
                    return;
                }
            } else {
                std::future::pending::<()>().await;
            }
        }
    }
}

fn is_running(view: &PodView) -> bool {
    match view {
        PodView::Unknown => true,
        PodView::Absent => false,
        PodView::Present(pod) => pod.running().is_some(),
    }
}
