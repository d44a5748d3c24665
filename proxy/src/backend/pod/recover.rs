//! Mends the attach connection of a process that runs on.
//!
//! ```text
//!  pump ──break──> attach ──> log ──> pump ──place found──> stdin goes on ──> log left
//!           ^         └──fails: again, with back-off, within RECOVER_FOR
//!           └────────────────────────────────────────────────────┘ another break
//! ```
//!
//! The hub hears nothing of it, unless calls were being written at the break: of those it is told
//! that they may not have arrived. Nothing is written to stdin before the log has shown that it is
//! the same process that the new connection leads to.

use std::{error::Error, time::Duration};

use tokio::time::{Instant, sleep};

use super::{
    facts::{PodView, ProcessId},
    station::Station,
};
use crate::{
    backend::{
        attach::{
            AttachEnd, LogStream, Meaning, Outbox, Phase, Socket, Wire, connect, follow, pump,
        },
        backoff::{Backoff, random},
    },
    driver::{Bridge, StdinQueue},
};

/// Longest that a broken connection is mended for: a kubelet takes some 40 s to start an API server
/// anew, and clients wait for a minute.
pub const RECOVER_FOR: Duration = Duration::from_secs(90);
/// A kubelet that was restarted says `Success` once; a process that ended but is still cleared away
/// says so for a fraction of a second. One that keeps saying so for this long has ended.
pub const ENDED_AFTER: Duration = Duration::from_secs(5);
/// A process that ended can be attached to for a moment more (seen for 160 ms): one that survives
/// this long runs.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// First and longest wait between attempts. The first is made at once.
const RETRY_BASE: Duration = Duration::from_millis(100);
const RETRY_CAP: Duration = Duration::from_secs(2);
/// A call may have come this much before it was handed to the socket though nothing waited there.
const HAND_OVER: Duration = Duration::from_millis(100);

/// A break that is not mended yet.
#[derive(Debug)]
struct Gap {
    since: Instant,
    /// The first sign of it was one that a process gives that ends.
    ended: bool,
    /// Since when nothing but such signs came.
    ending: Option<Instant>,
    /// Whether requests may not have arrived, and which.
    doubt: Option<Doubt>,
    /// None before the first attempt, which is made at once.
    retry: Option<Backoff>,
}

/// Requests that came since then and have an id below this were written and may not have arrived.
#[derive(Clone, Copy, Debug)]
struct Doubt {
    since: Instant,
    before: u64,
}

type Wires<'a> = (&'a mut Outbox<StdinQueue>, &'a Wire<'a, Bridge>);

impl Station {
    /// Speaks with the process until it ends, or the way to it is lost for good.
    pub(super) async fn converse(
        &self,
        process: &ProcessId,
        mut socket: Socket,
        (outbox, wire): Wires<'_>,
    ) -> AttachEnd {
        let (mut log, mut gap) = (None, None);
        loop {
            let end = tokio::select! {
                end = pump(socket, outbox, wire, log) => end,
                () = self.replaced(process), if gap.is_some() => AttachEnd::Replaced,
                never = self.mended(wire, &mut gap) => match never {},
            };
            let mending = match end.meaning() {
                Meaning::Dropped => return end,
                Meaning::Exited | Meaning::Final => return self.given_up(gap, end),
                Meaning::ExitedOrBroken | Meaning::Broken => {
                    let doubt = self.doubt(outbox, wire);
                    Gap::after(&end, gap, doubt)
                }
            };
            match self.mend(process, wire, mending, end).await {
                Ok((next, lines, mending)) => {
                    (socket, log, gap) = (next, Some(lines), Some(mending));
                }
                Err((end, mending)) => return self.given_up(Some(mending), end),
            }
        }
    }

    /// The connection broke: what was written to it and is not known to have arrived. What is queued
    /// is written to the next one.
    fn doubt(&self, outbox: &mut Outbox<StdinQueue>, wire: &Wire<'_, Bridge>) -> Option<Doubt> {
        let since = wire.delivery.doubt();
        wire.delivery.broke();
        // In this order: what is queued in between is later than the last.
        let last = self.bridge.last_minted();
        let before = outbox.first_unsent().unwrap_or(last + 1).min(last + 1);
        since.map(|since| Doubt { since, before })
    }

    /// Attaches to the process again and opens its log.
    async fn mend(
        &self,
        process: &ProcessId,
        wire: &Wire<'_, Bridge>,
        mut gap: Gap,
        end: AttachEnd,
    ) -> Result<(Socket, LogStream, Gap), (AttachEnd, Gap)> {
        tracing::warn!(
            reason = end.reason(),
            error = &end as &dyn Error,
            "attach connection broke"
        );
        if gap.has_ended() {
            return Err((end, gap));
        }
        if let Some(lost) = wire.ears.beyond_recovery() {
            return Err((AttachEnd::Lost(lost), gap));
        }
        loop {
            if gap.since.elapsed() > RECOVER_FOR {
                return Err((AttachEnd::NotBack, gap));
            }
            let again = tokio::select! {
                again = async {
                    gap.pause().await;
                    self.again(wire).await
                } => again,
                () = self.replaced(process) => Err(Some(AttachEnd::Replaced)),
            };
            match again {
                Ok((socket, log)) => return Ok((socket, log, gap)),
                Err(Some(end)) => return Err((end, gap)),
                Err(None) => {}
            }
        }
    }

    /// One attempt; none as error if another one may do better.
    async fn again(
        &self,
        wire: &Wire<'_, Bridge>,
    ) -> Result<(Socket, LogStream), Option<AttachEnd>> {
        let socket = connect(&self.target).await.map_err(|error| {
            self.counters.attach_failed();
            tracing::warn!(error = &error as &dyn Error, "not attached again");
            None
        })?;
        let age = wire.ears.answered().elapsed();
        let (kind, log) = follow(&self.target, age).await.map_err(|error| {
            tracing::warn!(error = &error as &dyn Error, "log not read");
            (!error.is_passing()).then_some(AttachEnd::Unreadable(error))
        })?;
        let joined = wire.ears.rejoin(kind);
        joined.map_err(|lost| Some(AttachEnd::Lost(lost)))?;
        Ok((socket, log))
    }

    /// Lets stdin be written to again each time that a gap is closed.
    async fn mended(
        &self,
        wire: &Wire<'_, Bridge>,
        gap: &mut Option<Gap>,
    ) -> std::convert::Infallible {
        let Some(mending) = gap.as_ref() else {
            return std::future::pending().await;
        };
        let mut phase = wire.ears.phase();
        let found = phase.wait_for(|phase| matches!(phase, Phase::Reading | Phase::Attached));
        if found.await.is_err() {
            return std::future::pending().await;
        }
        let (since, doubt) = (mending.since, mending.doubt);
        if mending.ended {
            sleep(LAST_WORDS).await;
        }
        *gap = None;
        self.counters.recoveries.mended(since.elapsed());
        tracing::info!(
            seconds = since.elapsed().as_secs_f64(),
            doubt = doubt.is_some(),
            "attach connection mended"
        );
        if let Some(Doubt { since, before }) = doubt {
            let from = since.elapsed() + HAND_OVER;
            self.bridge.server_unsure(from, before);
        }
        wire.delivery.resume();
        self.tell_recovered(wire, phase).await
    }

    /// Counts what the log gave once it is left.
    async fn tell_recovered(
        &self,
        wire: &Wire<'_, Bridge>,
        mut phase: tokio::sync::watch::Receiver<Phase>,
    ) -> std::convert::Infallible {
        if phase
            .wait_for(|phase| *phase == Phase::Attached)
            .await
            .is_ok()
        {
            let lines = wire.ears.take_recovered();
            self.counters.recoveries.lines(lines);
            tracing::info!(lines, "what was missed is read from the log");
        }
        std::future::pending().await
    }

    /// A gap that is not closed. An end that may have been the process's own is taken for that.
    fn given_up(&self, gap: Option<Gap>, end: AttachEnd) -> AttachEnd {
        let Some(gap) = gap else { return end };
        let end = match end.meaning() {
            Meaning::Final | Meaning::ExitedOrBroken if gap.ended => AttachEnd::Replaced,
            Meaning::Final
            | Meaning::ExitedOrBroken
            | Meaning::Exited
            | Meaning::Broken
            | Meaning::Dropped => end,
        };
        self.counters.recoveries.failed(&end);
        end
    }

    /// The pod shows that another process runs in the container's place.
    async fn replaced(&self, process: &ProcessId) {
        let mut views = self.views.clone();
        let other = |view: &PodView| match view {
            PodView::Present(pod) => pod.running().is_some_and(|running| running != process),
            PodView::Absent | PodView::Unknown => false,
        };
        if views.wait_for(other).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Gap {
    /// The gap goes on, or begins.
    fn after(end: &AttachEnd, gap: Option<Self>, doubt: Option<Doubt>) -> Self {
        let ending = end.meaning() == Meaning::ExitedOrBroken;
        let mut gap = gap.unwrap_or_else(|| Self {
            since: Instant::now(),
            ended: ending,
            ending: None,
            doubt,
            retry: None,
        });
        gap.ending = if ending {
            gap.ending.or_else(|| Some(Instant::now()))
        } else {
            None
        };
        gap
    }

    async fn pause(&mut self) {
        match &mut self.retry {
            None => self.retry = Some(Backoff::new(RETRY_BASE, RETRY_CAP)),
            Some(retry) => sleep(retry.wait(random())).await,
        }
    }

    fn has_ended(&self) -> bool {
        self.ending
            .is_some_and(|since| since.elapsed() >= ENDED_AFTER)
    }
}
