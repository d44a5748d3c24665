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
    io::{FromClient, Loss, SessionId, StreamKey},
    refusal::Refusal,
};
use tokio::{sync::watch, time::timeout};

use super::{Fleet, Ordinal};
use crate::driver::{ClientStream, NoRandomness, ServerHealth, StreamKind, session_id};

/// Longest that a session of HTTP+SSE waits for a pod. Clients wait five seconds for the head of the
/// stream (the Python SDK's default).
pub const CHOICE_WAIT: Duration = Duration::from_secs(3);

/// Why no session can be opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// There is no pod to open it on.
    #[error("{}", Refusal::ServerUnavailable(Some(Loss::ScaledDown)))]
    NoPods,
    /// It cannot be named.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl Fleet {
    /// Opens a session with a fresh id on the pod that suits best; `input` is what the hub is told.
    ///
    /// # Errors
    /// See [`NotOpened`].
    pub fn open(
        &self,
        kind: StreamKind,
        input: impl FnOnce(SessionId, StreamKey) -> FromClient,
    ) -> Result<(SessionId, ClientStream), NotOpened> {
        let (_, session, stream) = self.open_somewhere(kind, input)?;
        Ok((session, stream))
    }

    /// As [`Fleet::open`] for an `initialize` of Streamable HTTP. Ends when the stream has something
    /// to read; while its client waits for a handshake, it moves to a pod that is initialised first.
    /// `input` is asked once for each pod.
    ///
    /// # Errors
    /// See [`NotOpened`].
    pub async fn open_first(
        &self,
        kind: StreamKind,
        input: impl Fn(SessionId, StreamKey) -> FromClient,
    ) -> Result<ClientStream, NotOpened> {
        loop {
            let (pod, _, stream) = self.open_somewhere(kind, &input)?;
            tokio::select! {
                biased;
                () = stream.ready() => return Ok(stream),
                () = self.is_up_without(Some(pod)) => {}
            }
            if let Err(answered) = stream.withdraw() {
                return Ok(answered);
            }
        }
    }

    /// As [`Fleet::open`] for a session of HTTP+SSE, which cannot move any more once it is named: if
    /// there is a choice of pods, one of them is waited for, at most for [`CHOICE_WAIT`].
    ///
    /// # Errors
    /// See [`NotOpened`].
    pub async fn open_settled(
        &self,
        kind: StreamKind,
        input: impl FnOnce(SessionId, StreamKey) -> FromClient,
    ) -> Result<(SessionId, ClientStream), NotOpened> {
        if self.size() > 1 {
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
            let ups = others.map(|(_, bridge)| Box::pin(is_up(bridge.status())));
            tokio::select! {
                () = first_of(ups.collect()) => return,
                changed = size.changed() => changed.expect("the fleet holds the sender"),
            }
        }
    }

    fn open_somewhere(
        &self,
        kind: StreamKind,
        input: impl FnOnce(SessionId, StreamKey) -> FromClient,
    ) -> Result<(Ordinal, SessionId, ClientStream), NotOpened> {
        let pod = self.pick().ok_or(NotOpened::NoPods)?;
        let session = session_id(pod.digit())?;
        let bridge = self.bridge(pod);
        let stream = bridge.open(kind, |stream| input(session.clone(), stream));
        if pod.index() >= self.size() {
            // The pod was taken away meanwhile, perhaps before the session was there to be ended.
            bridge.retire();
        }
        Ok((pod, session, stream))
    }
}

/// Ends when the server is initialised.
async fn is_up(mut health: watch::Receiver<ServerHealth>) {
    let up = |health: &ServerHealth| matches!(health, ServerHealth::Initialized(_));
    if health.wait_for(up).await.is_err() {
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
