//! Tells the hub of a connection to the server that broke and was mended.

use std::time::Duration;

use hivewright_bridge::io::{FromServer, Input};

use super::Bridge;

impl Bridge {
    /// The last id that was minted for a request to the server. What is queued from now on has a
    /// later one.
    pub fn last_minted(&self) -> u64 {
        self.locked(|core, _| core.hub.last_minted())
    }

    /// The way to the process broke and was mended. Requests below `before` that came within `from`
    /// may not have arrived; they fail unless the server shows in time that it has them.
    pub fn server_unsure(&self, from: Duration, before: u64) {
        self.locked(|core, outer| {
            if core.has_server() {
                core.step(outer, Input::Server(FromServer::Unsure { from, before }));
            }
        });
    }
}
