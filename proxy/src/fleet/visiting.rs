//! Requests without a session: on which pod, and what if another one is initialised first.

use hivewright_bridge::{
    io::StreamKey,
    refusal::{Refusal, StateFault},
};

use super::{Fleet, MAX_PODS, NotOpened, Ordinal};
use crate::{
    driver::{Bridge, ClientStream, StreamKind},
    exchange::Arrival,
};

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
    /// Puts a request to the pod on which its call is parked, or to the one that suits best: while
    /// it waits there for the handshake, it moves to a pod that is initialised first.
    ///
    /// # Errors
    /// See [`NotVisited`].
    pub async fn visit<I: Into<Arrival>>(
        &self,
        parked_on: Option<u8>,
        kind: StreamKind,
        input: impl FnOnce(StreamKey) -> I + Clone,
    ) -> Result<ClientStream, NotVisited> {
        if let Some(digit) = parked_on {
            return Ok(self.parking(digit)?.open(kind, input));
        }
        let mut input = input;
        loop {
            let (pod, stream, again) = self.somewhere(|pod, bridge| {
                // Where nothing waits for a handshake, nothing is copied.
                let up = bridge.status().borrow().is_up();
                let again = (!up).then(|| input.clone());
                Ok((pod, bridge.open(kind, input), again))
            })?;
            let Some(again) = again else {
                return Ok(stream);
            };
            match self.served_here(pod, stream).await {
                Some(stream) => return Ok(stream),
                None => input = again,
            }
        }
    }

    /// The pod with this digit, served or not.
    fn parking(&self, digit: u8) -> Result<&Bridge, NotVisited> {
        let mut all = Ordinal::below(MAX_PODS);
        let pod = all.find(|pod| pod.digit() == digit);
        let bridge = pod.and_then(|pod| self.0.bridges[pod.index()].get());
        bridge.ok_or(NotVisited::Refused(Refusal::RequestState(StateFault::Over)))
    }
}
