//! Which pod a new session goes to.

use super::{Fleet, Ordinal};
use crate::driver::ServerHealth;

impl Fleet {
    /// The initialised pod with the fewest sessions. If none is initialised, the one that is nearest
    /// to it: there the client waits for the handshake. None only if there are no pods.
    pub(super) fn pick(&self) -> Option<Ordinal> {
        match self.size() {
            0 => None,
            // Nothing to choose: nothing is locked or counted.
            1 => Some(Ordinal::FIRST),
            _ => self.least_loaded(),
        }
    }

    fn least_loaded(&self) -> Option<Ordinal> {
        let loads = self.bridges().map(|(ordinal, bridge)| {
            let health = rank(&bridge.status().borrow());
            (health, bridge.clients(), ordinal)
        });
        loads.min().map(|(_, _, ordinal)| ordinal)
    }
}

/// How near a pod is to answering; the lowest is the nearest.
pub(super) const fn rank(health: &ServerHealth) -> u8 {
    match health {
        ServerHealth::Initialized(_) => 0,
        ServerHealth::Handshaking => 1,
        ServerHealth::Down => 2,
        ServerHealth::Failed(_) => 3,
    }
}
