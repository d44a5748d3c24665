//! Sends one request until the collector has it, or gives it up and counts what was in it.

use std::time::Duration;

use bytes::Bytes;
use tokio::{sync::watch, time::Instant};

use super::{
    backoff::Backoff,
    client::{Answer, Client, Post},
};
use crate::counts::{Counts, Loss, Signal};

/// A request that could not be delivered for so long is given up: what comes after it is fresher.
pub(super) const GIVE_UP: Duration = Duration::from_mins(1);

/// Whether the process is ending.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    pub(crate) const fn new(ending: watch::Receiver<bool>) -> Self {
        Self(ending)
    }

    pub(super) fn is_on(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits for the end.
    pub(super) async fn on(&mut self) {
        // Whoever would say so is gone: that is the end too.
        let _ = self.0.wait_for(|ending| *ending).await;
    }
}

/// Delivers the requests of one signal.
#[derive(Debug)]
pub(crate) struct Deliverer<P = Client> {
    pub(crate) client: P,
    pub(crate) counts: Counts,
    pub(crate) signal: Signal,
    pub(crate) stop: Stop,
}

impl<P: Post> Deliverer<P> {
    /// Delivers a request with so many items; `rejected` reads from the answer how many of them the
    /// collector did not take.
    pub(super) async fn deliver(&mut self, request: Bytes, items: u64, rejected: fn(Bytes) -> u64) {
        match self.persist(request).await {
            Ok(answer) => {
                let rejected = rejected(answer).min(items);
                self.counts.exported(self.signal, items - rejected);
                self.lose(Loss::Rejected, rejected);
            }
            Err(loss) => self.lose(loss, items),
        }
    }

    async fn persist(&mut self, body: Bytes) -> Result<Bytes, Loss> {
        let began = Instant::now();
        let mut backoff = Backoff::new();
        loop {
            let asked = match self.client.post(body.clone()).await {
                Answer::Taken(words) => return Ok(words),
                Answer::Refused(status) => {
                    let (signal, status) = (self.signal.as_str(), status.as_u16());
                    tracing::warn!(signal, status, "OTLP collector refused a request");
                    return Err(Loss::Refused);
                }
                Answer::Later(asked) => asked,
            };
            let wait = backoff.next(asked);
            // One try each is all that there is time for at the end.
            if self.stop.is_on() || began.elapsed() + wait > GIVE_UP {
                return Err(Loss::Unreachable);
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.stop.on() => {}
            }
        }
    }

    fn lose(&self, loss: Loss, items: u64) {
        if items == 0 {
            return;
        }
        self.counts.dropped(self.signal, loss, items);
        let (signal, reason) = (self.signal.as_str(), loss.as_str());
        tracing::warn!(
            signal,
            reason,
            items,
            "Telemetry was lost on its way to the OTLP collector"
        );
    }
}

#[cfg(test)]
mod tests;
