//! The end of a bridge: calls finish, then streams end.

use std::time::Duration;

use hivewright_bridge::io::Loss;
use tokio::time::{Instant, sleep};

use super::{Bridge, StreamKind};

/// Pause between two looks at what still runs. Shutting down may take this much longer.
pub const QUIESCE_POLL: Duration = Duration::from_millis(50);

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiesced {
    /// Every call had its answer.
    Idle,
    /// So many calls were failed at the deadline.
    Failed(usize),
}

impl Bridge {
    /// Ends the streams that only listen, gives calls until `deadline` to end, fails the rest, and
    /// ends the HTTP+SSE streams. To be called once no new connection is accepted; afterwards every
    /// response can end, so that [`crate::http::serve`] finishes.
    pub async fn quiesce(&self, deadline: Duration) -> Quiesced {
        self.end_streams(StreamKind::Listener);
        let until = Instant::now() + deadline;
        while self.calls() > 0 && Instant::now() < until {
            sleep(QUIESCE_POLL).await;
        }
        let left = self.calls();
        self.server_down(Loss::Draining);
        self.end_streams(StreamKind::Sse);
        if left == 0 {
            Quiesced::Idle
        } else {
            Quiesced::Failed(left)
        }
    }

    /// Calls that wait for their answer.
    fn calls(&self) -> usize {
        let hub = self.gauges().hub;
        hub.pending + hub.held
    }
}
