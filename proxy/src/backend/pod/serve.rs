//! The time during which one process is attached.

use std::{error::Error, time::Duration};

use hivewright_bridge::io::Loss;
use tokio::time::Instant;

use super::{
    facts::{PodView, ProcessId},
    station::Station,
};
use crate::backend::{
    attach::{AttachEnd, Socket, pump},
    revive::Ending,
};

/// How it went.
#[derive(Debug)]
pub(super) struct End {
    /// For the policy; none if the pod is no longer to be served.
    pub(super) ending: Option<Ending>,
    /// What the hub was told.
    pub(super) loss: Loss,
    /// How long the server had been initialised, if it was.
    pub(super) served: Option<Duration>,
}

impl Station {
    /// Runs the connection until the process, the connection, the driver or the proxy ends it.
    pub(super) async fn serve(&self, process: &ProcessId, socket: Socket) -> End {
        let mut stdin = self.bridge.server_up();
        let mut since = None;
        let (ending, loss) = tokio::select! {
            end = pump(socket, &mut stdin, &self.bridge) => self.judge(&end),
            () = self.vanished(is_running) => (Some(Ending::Exited), Loss::ProcessExited),
            () = self.stop.leave.cancelled() => (None, self.stop.loss()),
            never = self.tell_health(process, &mut since) => match never {},
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
}

fn is_running(view: &PodView) -> bool {
    match view {
        PodView::Unknown => true,
        PodView::Absent => false,
        PodView::Present(pod) => pod.running().is_some(),
    }
}
