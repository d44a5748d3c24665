//! The time during which one process is attached.

use std::{error::Error, time::Duration};

use hivewright_bridge::io::Loss;
use tokio::time::Instant;

use super::{
    facts::{PodView, ProcessId},
    station::Station,
};
use crate::backend::{
    attach::{AttachEnd, Meaning, Outbox, Socket, Wire},
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
    /// Runs the connections until the process, the way to it, the driver or the proxy ends it.
    pub(super) async fn serve(&self, process: &ProcessId, socket: Socket) -> End {
        let Some(stdin) = self.bridge.server_up_in(process.pod.clone()) else {
            return End {
                ending: Some(Ending::Renewed),
                loss: Loss::Renewed,
                served: None,
            };
        };
        let mut outbox = Outbox::new(stdin);
        let wire = Wire::new(&self.bridge);
        let mut since = None;
        let (ending, loss) = tokio::select! {
            end = self.converse(process, socket, (&mut outbox, &wire)) => self.judge(&end),
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
        match end.meaning() {
            Meaning::Dropped => match self.verdict() {
                loss @ Loss::Renewed => (Some(Ending::Renewed), loss),
                loss => (Some(Ending::Unusable), loss),
            },
            Meaning::Exited | Meaning::ExitedOrBroken => {
                tracing::info!(status = %end, "process exited");
                (Some(Ending::Exited), Loss::ProcessExited)
            }
            Meaning::Broken | Meaning::Final => {
                let error = end as &dyn Error;
                tracing::warn!(reason = end.reason(), error, "attach lost");
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
