//! Opening a session: on which pod, and what if another one is initialised first.
//!
//! ```text
//!  pick ──> open ──┬─ an answer, a refusal ──────────────────────────> the stream
//!    ^             └─ waits for the handshake ── another pod is ready ──┐
//!    └──────────────── withdrawn, nothing was answered <────────────────┘
//! ```

use std::{future::pending, time::Duration};

use futures::future::select_all;
use hivewright_bridge::{
    io::{Loss, SessionId, StreamKey},
    refusal::Refusal,
};
use tokio::time::timeout;

use super::{Fleet, Ordinal};
use crate::{
    driver::{Bridge, ClientStream, NoRandomness, ServerHealth, StreamKind, session_id},
    exchange::Arrival,
};

/// Longest that a session of HTTP+SSE waits for a pod. Clients wait five seconds for the head of the
/// stream (the Python SDK's default).
pub const CHOICE_WAIT: Duration = Duration::from_secs(3);

/// Why no session can be opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// There is no pod to open it on.
    #[error("{}", Refusal::ServerUnavailable(Some(Loss::ScaledDown)))]
    NoPods,
    /// Each session has a pod to itself, and there can be no more pods.
    #[error("{}", Refusal::PoolFull { max: *max })]
    PoolFull {
        /// The most pods that there may be.
        max: usize,
    },
    /// It cannot be named.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl Fleet {
    /// Opens a session with a fresh id on the pod that suits best; `input` is what the hub is told.
    ///
    /// # Errors
    /// See [`NotOpened`].
    pub fn open<I: Into<Arrival>>(
        &self,
        kind: StreamKind,
        input: impl FnOnce(SessionId, StreamKey) -> I,
    ) -> Result<(SessionId, ClientStream), NotOpened> {
        let (_, session, stream) = self.open_somewhere(kind, input)?;
        Ok((session, stream))
    }

    /// As [`Fleet::open`] for an `initialize` of Streamable HTTP. Ends when the pod
    /// has an answer or is initialised; while its client waits for that, it moves to a pod that is
    /// initialised first.
    /// `input` is asked once for each pod.
    ///
    /// # Errors
    /// See [`NotOpened`].
    pub async fn open_first<I: Into<Arrival>>(
        &self,
        kind: StreamKind,
        input: impl Fn(SessionId, StreamKey) -> I,
    ) -> Result<ClientStream, NotOpened> {
        loop {
            let (pod, _, stream) = self.open_somewhere(kind, &input)?;
            if let Some(stream) = self.served_here(pod, stream).await {
                return Ok(stream);
            }
        }
    }

    /// Waits while this stream waits for the handshake of its pod. None if it was withdrawn, because
    /// another pod is initialised before.
    pub(super) async fn served_here(
        &self,
        pod: Ordinal,
        stream: ClientStream,
    ) -> Option<ClientStream> {
        tokio::select! {
            biased;
            () = stream.ready() => return Some(stream),
            () = is_up(self.bridge(pod)) => return Some(stream),
            () = self.is_up_without(Some(pod)) => {}
        }
        stream.withdraw().err()
    }

    /// As [`Fleet::open`] for a session of HTTP+SSE, which cannot move any more once it is named: if
    /// there is a choice of pods, one of them is waited for, at most for [`CHOICE_WAIT`].
    ///
    /// # Errors
    /// See [`NotOpened`].
    pub async fn open_settled<I: Into<Arrival>>(
        &self,
        kind: StreamKind,
        input: impl FnOnce(SessionId, StreamKey) -> I,
    ) -> Result<(SessionId, ClientStream), NotOpened> {
        // Of a pool it gets the free one that is nearest: the others are for others.
        if self.size() > 1 && !self.is_pool() {
            // If none comes up in time, the nearest is as good as any.
            let _ = timeout(CHOICE_WAIT, self.is_up_without(None)).await;
        }
        self.open(kind, input)
    }

    /// Ends when a pod is initialised, other than this one.
    async fn is_up_without(&self, pod: Option<Ordinal>) {
        let mut size = self.0.size.subscribe();
        loop {
            let others = self.bridges().filter(|(other, _)| Some(*other) != pod);
            let ups = others.map(|(_, bridge)| Box::pin(self.is_up_and_open(bridge)));
            tokio::select! {
                () = first_of(ups.collect()) => return,
                changed = size.changed() => changed.expect("the fleet holds the sender"),
            }
        }
    }

    fn open_somewhere<I: Into<Arrival>>(
        &self,
        kind: StreamKind,
        input: impl FnOnce(SessionId, StreamKey) -> I,
    ) -> Result<(Ordinal, SessionId, ClientStream), NotOpened> {
        self.somewhere(|pod, bridge| {
            let session = session_id(pod.digit())?;
            let stream = bridge.open(kind, |stream| input(session.clone(), stream));
            Ok((pod, session, stream))
        })
    }

    /// Opens something on the pod that suits best.
    pub(super) fn somewhere<T>(
        &self,
        open: impl FnOnce(Ordinal, &Bridge) -> Result<T, NotOpened>,
    ) -> Result<T, NotOpened> {
        if let Some(pool) = &self.0.pool {
            return self.take(pool, open);
        }
        let pod = self.pick().ok_or(NotOpened::NoPods)?;
        let bridge = self.bridge(pod);
        let opened = open(pod, bridge);
        if pod.index() >= self.size() {
            // The pod was taken away meanwhile, perhaps before the session was there to be ended.
            bridge.retire();
        }
        opened
    }

    /// Ends when the server is initialised and a client that comes now may have it.
    async fn is_up_and_open(&self, bridge: &Bridge) {
        let (mut health, mut taken) = (bridge.status(), bridge.taken());
        loop {
            let up = health.borrow_and_update().is_up();
            taken.mark_unchanged();
            if up && self.is_open_to_others(bridge) {
                return;
            }
            let changed = tokio::select! {
                changed = health.changed() => changed,
                changed = taken.changed() => changed,
            };
            if changed.is_err() {
                // Its bridge is gone, and never will be.
                pending::<()>().await;
            }
        }
    }
}

/// Ends when the server is initialised.
async fn is_up(bridge: &Bridge) {
    let mut health = bridge.status();
    let gone = health.wait_for(ServerHealth::is_up).await.is_err();
    if gone {
        // Its bridge is gone, and never will be.
        pending::<()>().await;
    }
}

/// Ends with the first of them; without any, never.
async fn first_of(all: Vec<impl Future<Output = ()> + Unpin>) {
    if all.is_empty() {
        pending::<()>().await;
    }
    select_all(all).await;
}
