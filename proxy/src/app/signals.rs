//! What asks the proxy to end.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::AppError;

/// SIGTERM and SIGINT, from now on handled here.
#[derive(Debug)]
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn install() -> Result<Self, AppError> {
        let install = |kind| signal(kind).map_err(AppError::Signals);
        Ok(Self {
            terminate: install(SignalKind::terminate())?,
            interrupt: install(SignalKind::interrupt())?,
        })
    }

    /// The next of them. Cancel-safe.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
