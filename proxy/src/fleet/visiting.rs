//! Requests without a session: on which pod.

use hivewright_bridge::{
    io::{FromClient, StreamKey},
    refusal::{Refusal, StateFault},
};

use super::{Fleet, NotOpened, Ordinal};
use crate::driver::{ClientStream, StreamKind};

/// Why a request is put to no pod.
#[derive(Debug, thiserror::Error)]
pub enum NotVisited {
    /// There is none for it.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    /// Its call waits on a pod that there never was.
    #[error("{0}")]
    Refused(Refusal),
}

impl Fleet {
    /// Puts a request to the pod on which its call is parked, or to the one that suits best.
    ///
    /// # Errors
    /// See [`NotVisited`].
    pub fn visit(
        &self,
        parked_on: Option<u8>,
        kind: StreamKind,
        input: impl FnOnce(StreamKey) -> FromClient,
    ) -> Result<ClientStream, NotVisited> {
        let Some(digit) = parked_on else {
            let (_, stream) = self.open(kind, |_, stream| input(stream))?;
            return Ok(stream);
        };
        let mut all = Ordinal::below(super::MAX_PODS);
        let pod = all.find(|pod| pod.digit() == digit);
        let bridge = pod.and_then(|pod| self.0.bridges[pod.index()].get());
        let over = NotVisited::Refused(Refusal::RequestState(StateFault::Over));
        Ok(bridge.ok_or(over)?.open(kind, input))
    }
}
